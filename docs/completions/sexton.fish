# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_sexton_global_optspecs
    string join \n h/help V/version
end

function __fish_sexton_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_sexton_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_sexton_using_subcommand
    set -l cmd (__fish_sexton_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c sexton -n "__fish_sexton_needs_command" -s h -l help -d 'Print help'
complete -c sexton -n "__fish_sexton_needs_command" -s V -l version -d 'Print version'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "check" -d 'Run it as PID 1, stop it, and prove whether the stop was clean'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "demo" -d 'Show on this machine what goes wrong under PID 1, and the cure: no Docker, no root'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "doctor" -d 'Say what is wrong with PID 1 in every PID namespace of this machine, and whose fault it is'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "orphan" -d 'A helper of `doctor --probe`'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "lint" -d 'Find what keeps a container from stopping cleanly, in the files that describe it'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "explain" -d 'Explain a rule of lint, or what is behind it: signals, zombies, exec, grace periods'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "completions" -d 'Print the completions for a shell'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "man" -d 'Write the man pages into a folder'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "actor" -d 'One of the programs that the demo runs'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sexton -n "__fish_sexton_using_subcommand check" -l image -d 'Check this image: its own ENTRYPOINT, CMD, USER and STOPSIGNAL' -r
complete -c sexton -n "__fish_sexton_using_subcommand check" -l container -d 'Say how this running container would stop, without stopping it' -r
complete -c sexton -n "__fish_sexton_using_subcommand check" -l engine -d 'The engine\'s command [default: docker, else podman]' -r
complete -c sexton -n "__fish_sexton_using_subcommand check" -l run-option -d 'With --image: an option for the engine\'s `create`, such as --run-option=-eKEY=VALUE' -r
complete -c sexton -n "__fish_sexton_using_subcommand check" -s s -l signal -d 'The stop signal [default: the image\'s STOPSIGNAL, else TERM]' -r
complete -c sexton -n "__fish_sexton_using_subcommand check" -s g -l grace -d 'How long it may take until SIGKILL' -r
complete -c sexton -n "__fish_sexton_using_subcommand check" -l ready-after -d 'It is ready after this time [default: when its processes are quiet, at most 10s]' -r
complete -c sexton -n "__fish_sexton_using_subcommand check" -l ready-port -d 'It is ready when somebody listens on this TCP port' -r
complete -c sexton -n "__fish_sexton_using_subcommand check" -l ready-log -d 'It is ready when a line of its output matches' -r
complete -c sexton -n "__fish_sexton_using_subcommand check" -l ready-timeout -d 'How long --ready-port and --ready-log wait' -r
complete -c sexton -n "__fish_sexton_using_subcommand check" -l with-init -d 'The same again under sexton-init, or the init at PATH, and both side by side' -r -F
complete -c sexton -n "__fish_sexton_using_subcommand check" -l watch -d 'By which means the processes are watched' -r -f -a "auto\t'ptrace where it is permitted, else proc'
ptrace\t'Every birth, signal and end; a little slower, and no setuid programs without root'
proc\t'Only look at /proc and hold pidfds: no signals, no short lives'"
complete -c sexton -n "__fish_sexton_using_subcommand check" -l fail-on -d 'Which faults count for the exit code' -r -f -a "deaf\t''
unclean\t''
not-reaping\t''
nothing\t'Whatever is wrong, the exit code is 0'"
complete -c sexton -n "__fish_sexton_using_subcommand check" -l svg -d 'Draw the stop into this file, too' -r -F
complete -c sexton -n "__fish_sexton_using_subcommand check" -l probe -d 'With --container: plant an orphan in it. It stays as a zombie if nobody reaps it'
complete -c sexton -n "__fish_sexton_using_subcommand check" -l no-orphan -d 'Plant no orphan'
complete -c sexton -n "__fish_sexton_using_subcommand check" -s t -l tty -d 'Give the command a terminal'
complete -c sexton -n "__fish_sexton_using_subcommand check" -l output -d 'Show what the command prints, on stderr'
complete -c sexton -n "__fish_sexton_using_subcommand check" -l json -d 'Print one JSON object instead of text'
complete -c sexton -n "__fish_sexton_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sexton -n "__fish_sexton_using_subcommand demo" -l json -d 'Print one JSON object instead of text'
complete -c sexton -n "__fish_sexton_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sexton -n "__fish_sexton_using_subcommand doctor" -l container -d 'Only the container of this name, or whose id begins so' -r
complete -c sexton -n "__fish_sexton_using_subcommand doctor" -l pid -d 'Only the PID namespace that this process is in' -r
complete -c sexton -n "__fish_sexton_using_subcommand doctor" -l dwell -d 'Seconds between the two looks: a zombie that is gone by then was none' -r
complete -c sexton -n "__fish_sexton_using_subcommand doctor" -l all -d 'Show what is as it should be, too'
complete -c sexton -n "__fish_sexton_using_subcommand doctor" -l json -d 'Print one JSON object instead of text'
complete -c sexton -n "__fish_sexton_using_subcommand doctor" -l watch -d 'Look again and again, and show a table that changes; ends with Ctrl-C'
complete -c sexton -n "__fish_sexton_using_subcommand doctor" -l probe -d 'Plant one orphan where zombies are undecided, or where --pid or --container says, and see whether PID 1 reaps it: the only thing that touches anything'
complete -c sexton -n "__fish_sexton_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sexton -n "__fish_sexton_using_subcommand orphan" -s h -l help -d 'Print help'
complete -c sexton -n "__fish_sexton_using_subcommand lint" -l as -d 'Take files that are named, and standard input, for this kind' -r -f -a "dockerfile\t''
script\t''
compose\t''
kubernetes\t''"
complete -c sexton -n "__fish_sexton_using_subcommand lint" -l format -d 'How findings are written' -r -f -a "text\t'For people'
json\t'One object'
sarif\t'For code scanning services'
github\t'Annotations of a GitHub workflow'"
complete -c sexton -n "__fish_sexton_using_subcommand lint" -l level -d 'Show findings from this severity on' -r -f -a "info\t''
warning\t''
error\t''"
complete -c sexton -n "__fish_sexton_using_subcommand lint" -l fail-on -d 'Exit with 1 from this severity on [default: warning]' -r -f -a "info\t''
warning\t''
error\t''"
complete -c sexton -n "__fish_sexton_using_subcommand lint" -l rule -d 'Give a rule another level: shell-wrapper=off, PID119=warning' -r
complete -c sexton -n "__fish_sexton_using_subcommand lint" -l exclude -d 'Leave out paths in folders that match, as in .gitignore' -r
complete -c sexton -n "__fish_sexton_using_subcommand lint" -l config -d 'The configuration [default: .sexton.toml here or in a folder above]' -r -F
complete -c sexton -n "__fish_sexton_using_subcommand lint" -l fix -d 'Put right what can be put right without a change of meaning'
complete -c sexton -n "__fish_sexton_using_subcommand lint" -l diff -d 'Print what --fix would change'
complete -c sexton -n "__fish_sexton_using_subcommand lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sexton -n "__fish_sexton_using_subcommand explain" -s h -l help -d 'Print help'
complete -c sexton -n "__fish_sexton_using_subcommand completions" -s h -l help -d 'Print help'
complete -c sexton -n "__fish_sexton_using_subcommand man" -s h -l help -d 'Print help'
complete -c sexton -n "__fish_sexton_using_subcommand actor" -l parent -d 'Whose end the orphan waits for' -r
complete -c sexton -n "__fish_sexton_using_subcommand actor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from check demo doctor orphan lint explain completions man actor help" -f -a "check" -d 'Run it as PID 1, stop it, and prove whether the stop was clean'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from check demo doctor orphan lint explain completions man actor help" -f -a "demo" -d 'Show on this machine what goes wrong under PID 1, and the cure: no Docker, no root'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from check demo doctor orphan lint explain completions man actor help" -f -a "doctor" -d 'Say what is wrong with PID 1 in every PID namespace of this machine, and whose fault it is'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from check demo doctor orphan lint explain completions man actor help" -f -a "orphan" -d 'A helper of `doctor --probe`'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from check demo doctor orphan lint explain completions man actor help" -f -a "lint" -d 'Find what keeps a container from stopping cleanly, in the files that describe it'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from check demo doctor orphan lint explain completions man actor help" -f -a "explain" -d 'Explain a rule of lint, or what is behind it: signals, zombies, exec, grace periods'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from check demo doctor orphan lint explain completions man actor help" -f -a "completions" -d 'Print the completions for a shell'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from check demo doctor orphan lint explain completions man actor help" -f -a "man" -d 'Write the man pages into a folder'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from check demo doctor orphan lint explain completions man actor help" -f -a "actor" -d 'One of the programs that the demo runs'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from check demo doctor orphan lint explain completions man actor help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
