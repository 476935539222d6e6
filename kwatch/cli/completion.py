"""`kwatch completion SHELL`: a script that asks `kwatch __complete` at each Tab, so that nothing in it grows old."""

from __future__ import annotations

from kwatch.cli.arguments import CompletionArguments
from kwatch.cli.terminal import write

BASH = r"""
# bash cuts words at = and : too; kwatch wants them whole. Works with bash 3.2, which macOS has.
_kwatch() {
    local rest=${COMP_LINE:0:COMP_POINT} gap word last="" words=() count=0 i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        gap=${rest%%[![:space:]]*}
        rest=${rest#"$gap"}
        word=${COMP_WORDS[i]}
        ((i == COMP_CWORD)) && word=$rest
        if [[ $i -gt 0 && -z $gap && -n $word ]]; then
            words[count-1]+=$word
        else
            words[count]=$word
            ((count += 1))
        fi
        last=$word
        rest=${rest#"$word"}
    done
    [[ $last == [=:] ]] && last=""
    local whole=${words[count-1]} out line directive=0
    local before=${whole%"$last"}
    out=$("${words[0]}" __complete "${words[@]:1}" 2>/dev/null) || return
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :*) directive=${line#:} ;;
            *) line=${line%%$'\t'*}
               [[ $line == "$whole"* ]] || continue
               word=${line#"$before"}
               [[ $word == *[!A-Za-z0-9_@%+=:,./-]* ]] && printf -v word '%q' "$word"
               COMPREPLY+=("$word") ;;
        esac
    done <<< "$out"
    ((directive & 2)) && compopt -o nospace 2>/dev/null
    ((directive & 4)) || COMPREPLY+=($(compgen -f -- "$last"))
    return 0
}
complete -F _kwatch kwatch kubectl-kwatch
"""
ZSH = r"""
#compdef kwatch kubectl-kwatch
_kwatch() {
    local -a lines words_before plain shown space
    local line word meaning directive=0
    words_before=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
    lines=("${(@f)$("${words[1]}" __complete "${words_before[@]}" 2>/dev/null)}")
    for line in "${lines[@]}"; do
        if [[ $line == :* ]]; then
            directive=${line#:}
            continue
        fi
        [[ -n $line ]] || continue
        word=${line%%$'\t'*}
        meaning=""
        [[ $line == *$'\t'* ]] && meaning="  -- ${line#*$'\t'}"
        plain+=("$word")
        shown+=("$word$meaning")
    done
    (( directive & 2 )) && space=(-S '')
    (( ${#plain} )) && compadd "${space[@]}" -l -d shown -a plain
    (( directive & 4 )) || _files
}
if [[ ${funcstack[1]} == _kwatch ]]; then
    _kwatch "$@"
else
    compdef _kwatch kwatch kubectl-kwatch
fi
"""
FISH = r"""
function __kwatch_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l directive 0
    for line in ($before[1] __complete $before[2..-1] "$current" 2>/dev/null)
        if string match -q ':*' -- $line
            set directive (string sub -s 2 -- $line)
        else
            echo $line
        end
    end
    if test (math "bitand($directive, 4)") -eq 0
        __fish_complete_path "$current"
    end
end
complete -c kwatch -f -a "(__kwatch_complete)"
complete -c kubectl-kwatch -f -a "(__kwatch_complete)"
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


def completion(arguments: CompletionArguments) -> int:
    write(script(arguments.shell))
    return 0


def script(shell: str) -> str:
    """The completion script for `bash`, `zsh` or `fish`."""
    return SCRIPTS[shell].removeprefix("\n")
