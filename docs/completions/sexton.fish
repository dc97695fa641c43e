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
complete -c sexton -n "__fish_sexton_needs_command" -f -a "demo" -d 'Show on this machine what goes wrong under PID 1, and the cure: no Docker, no root'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "lint" -d 'Find what keeps a container from stopping cleanly, in the files that describe it'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "explain" -d 'Explain a rule of lint, or what is behind it: signals, zombies, exec, grace periods'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "completions" -d 'Print the completions for a shell'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "man" -d 'Write the man pages into a folder'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "actor" -d 'One of the programs that the demo runs'
complete -c sexton -n "__fish_sexton_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sexton -n "__fish_sexton_using_subcommand demo" -l json -d 'Print one JSON object instead of text'
complete -c sexton -n "__fish_sexton_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
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
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from demo lint explain completions man actor help" -f -a "demo" -d 'Show on this machine what goes wrong under PID 1, and the cure: no Docker, no root'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from demo lint explain completions man actor help" -f -a "lint" -d 'Find what keeps a container from stopping cleanly, in the files that describe it'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from demo lint explain completions man actor help" -f -a "explain" -d 'Explain a rule of lint, or what is behind it: signals, zombies, exec, grace periods'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from demo lint explain completions man actor help" -f -a "completions" -d 'Print the completions for a shell'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from demo lint explain completions man actor help" -f -a "man" -d 'Write the man pages into a folder'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from demo lint explain completions man actor help" -f -a "actor" -d 'One of the programs that the demo runs'
complete -c sexton -n "__fish_sexton_using_subcommand help; and not __fish_seen_subcommand_from demo lint explain completions man actor help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
