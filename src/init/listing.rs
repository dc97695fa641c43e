//! Placeholder.
use sexton_core::text::Path;
pub struct Listing;
impl Listing {
    pub const EMPTY: Listing = Listing;
    pub fn of(_: &[u8]) -> Listing {
        Listing
    }
    pub fn next(&mut self) -> Option<Path<'static>> {
        None
    }
}
pub fn is_program(_: Path<'_>) -> bool {
    true
}
