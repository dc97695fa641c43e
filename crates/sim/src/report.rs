//! Stands in for `src/init/report.rs`: lines go into the trace, and cost what they cost a real
//! init whose log nobody reads any more: a SIGPIPE of its own.

use crate::fact::Fact;
use crate::machine;
use sexton_core::limits::LINE_MAX;
use sexton_core::notice::{Saying, Value};
use sexton_core::policy::Voice;
use sexton_core::text::Text;

/// Says it, with these values, if this voice says such things.
pub fn say(voice: &Voice, saying: Saying, values: &[Value<'_>]) {
    if !saying.is_for(voice) {
        return;
    }
    machine::call(|world| {
        if world.is_traced() {
            let mut buffer = [0; LINE_MAX];
            let mut line = Text::new(&mut buffer);
            saying.write(values, voice, &mut line);
            let line = String::from_utf8_lossy(line.bytes()).trim_end().to_string();
            world.kernel.facts.push(Fact::Said(line));
        }
        world.line_was_written();
    });
}
