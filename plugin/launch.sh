#!/bin/sh
# sh launch.sh <mode> <arguments of orch…>: runs the orch that the person has. What Claude Code makes of an exit code depends on the hook, so the mode says what a failure becomes:
#   block  exit 2: what the hook was asked about does not happen, and the person reads why. No request to the model.
#   quiet  exit 0 and no word: a hook beside the work, which must not disturb it.
#   wake   as quiet, but orch's own exit code 3 ("needs a human") becomes 2: what it wrote to stderr is told to the session.
#   pass   as it is: a server.
mode=$1
shift
# In a session of orch's this plugin is switched off. Were it there all the same, it would do nothing.
[ -n "${ORCH_SESSION:-}" ] && exit 0
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
if program=$(command -v orch); then
  :
elif [ -x "$here/../bin/orch" ]; then
  program=$here/../bin/orch
else
  [ "$mode" = quiet ] || [ "$mode" = wake ] && exit 0
  echo 'orch is not installed here: no `orch` on the PATH of Claude Code.' >&2
  echo 'Nothing was done, and the model was not asked. Next: install orch, then `orch doctor` in a terminal.' >&2
  exit 2
fi
[ "$mode" = pass ] && exec "$program" "$@"
if [ "$mode" = block ]; then
  "$program" "$@" || exit 2
  exit 0
fi
if [ "$mode" = quiet ]; then
  "$program" "$@" 2>/dev/null || :
  exit 0
fi
"$program" "$@"
[ $? -eq 3 ] && exit 2
exit 0
