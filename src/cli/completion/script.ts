import type { Command } from '../command-spec.ts'
import { EXIT } from '../failures.ts'

/** The shell asks `orch __complete` for everything, so a script once installed never grows old. */
export function printScript(shell: keyof typeof SCRIPTS): Command {
  return async (context) => {
    context.output.answer(SCRIPTS[shell])
    return EXIT.done
  }
}

const SCRIPTS = {
  bash: `_orch() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    [ -n "$line" ] && COMPREPLY+=("$(printf '%q' "\${line%%$'\\t'*}")")
  done < <(orch __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _orch orch`,
  zsh: `#compdef orch
_orch() {
  local -a candidates
  local line value summary
  while IFS= read -r line; do
    value="\${line%%$'\\t'*}"
    summary="\${line#*$'\\t'}"
    candidates+=("\${value//:/\\\\:}:\${summary}")
  done < <(orch __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then _describe orch candidates; else _files; fi
}
compdef _orch orch`,
  fish: `function __orch_complete
  set -l words (commandline -opc) (commandline -ct)
  orch __complete -- $words[2..-1] 2>/dev/null
end
complete -c orch -a '(__orch_complete)'`,
}
