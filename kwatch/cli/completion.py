"""`kwatch completion SHELL`: words complete from the parser, so a new flag completes by itself."""

from __future__ import annotations

from kwatch.cli.arguments import CompletionArguments
from kwatch.cli.parser import COMMANDS, flags
from kwatch.cli.terminal import write
from kwatch.simulator.scenario import incident_names

RESOURCES = (
    "pods deployments replicasets statefulsets daemonsets jobs cronjobs services ingresses endpointslices configmaps "
    "secrets persistentvolumeclaims persistentvolumes storageclasses serviceaccounts nodes namespaces events "
    "horizontalpodautoscalers poddisruptionbudgets networkpolicies customresourcedefinitions"
)
"""What nearly every cluster serves; completion never asks a server, so that a Tab never hangs."""

BASH = """\
_kwatch() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
    case $previous in
        --kubeconfig|--certificate-authority|--log-file|--file|--write)
            COMPREPLY=($(compgen -f -- "$current")); return ;;
        -o|--output) COMPREPLY=($(compgen -W "{formats}" -- "$current")); return ;;
        completion) COMPREPLY=($(compgen -W "bash zsh fish" -- "$current")); return ;;
        --scenario) COMPREPLY=($(compgen -W "{scenarios}" -- "$current") $(compgen -f -- "$current")); return ;;
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "{flags}" -- "$current"))
    elif [[ $COMP_CWORD -eq 1 ]]; then
        COMPREPLY=($(compgen -W "{commands} {resources}" -- "$current"))
    else
        COMPREPLY=($(compgen -W "{resources}" -- "$current"))
    fi
}}
complete -o default -F _kwatch kwatch kubectl-kwatch
"""
ZSH = """\
#compdef kwatch kubectl-kwatch
_kwatch() {{
    local -a commands resources flags
    commands=({commands})
    resources=({resources})
    flags=({flags})
    case $words[CURRENT-1] in
        --kubeconfig|--certificate-authority|--log-file|--file|--write) _files; return ;;
        -o|--output) compadd -- {formats}; return ;;
        completion) compadd bash zsh fish; return ;;
        --scenario) compadd -- {scenarios}; _files; return ;;
    esac
    if [[ $words[CURRENT] == -* ]]; then
        compadd -- $flags
    elif (( CURRENT == 2 )); then
        compadd -- $commands $resources
    else
        compadd -- $resources
    fi
}}
compdef _kwatch kwatch kubectl-kwatch
"""
FISH = """\
complete -c kwatch -f
complete -c kwatch -n "__fish_is_first_arg" -a "{commands}"
complete -c kwatch -n "not __fish_seen_subcommand_from completion" -a "{resources}"
complete -c kwatch -n "__fish_seen_subcommand_from completion" -a "bash zsh fish"
complete -c kwatch -s o -l output -x -a "{formats}"
complete -c kwatch -l scenario -r -F -a "{scenarios}"
complete -c kwatch -l kubeconfig -r -F
complete -c kwatch -l certificate-authority -r -F
complete -c kwatch -l log-file -r -F
complete -c kwatch -l file -r -F
complete -c kwatch -l write -r -F
"""
FORMATS = "wide name json yaml kyaml html md jsonpath= custom-columns="


def completion(arguments: CompletionArguments) -> int:
    write(script(arguments.shell))
    return 0


def script(shell: str) -> str:
    """The completion script for `bash`, `zsh` or `fish`."""
    words = {
        "commands": " ".join(COMMANDS),
        "resources": RESOURCES,
        "flags": " ".join(flags()),
        "formats": FORMATS,
        "scenarios": " ".join(incident_names()),
    }
    if shell == "fish":
        lines = [f"complete -c kwatch -l {flag[2:]}" for flag in flags() if flag not in FISH and flag[:2] == "--"]
        return FISH.format(**words) + "\n".join(lines) + "\n"
    return {"bash": BASH, "zsh": ZSH}[shell].format(**words)
