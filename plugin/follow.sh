#!/bin/sh
# With a hook's JSON on stdin: appends it for orch where this conversation is a task's, as `claude -w` made it one (`orch claude worktree`). Every other session ends where it is looked up.
id=${CLAUDE_CODE_SESSION_ID:-}
case $id in '' | .* | */*) exit 0 ;; esac
[ -z "${ORCH_SESSION:-}" ] || exit 0
umask 077
tasks=${ORCH_HOME:-${HOME:-}/.orchestration}/claude/tasks
# Run by `exec`: the parent of this shell is Claude Code. A conversation that is cleared goes on in it under another id.
cleared=$tasks/cleared-$PPID
if [ -f "$cleared" ]; then
  before=$(cat "$cleared")
  rm -f "$cleared"
  [ -e "$tasks/$id" ] || cp -P "$tasks/$before" "$tasks/$id"
fi
file=$tasks/$id/hooks.jsonl
[ -f "$file" ] || exit 0
line=$file.$$
# One write, so that hooks side by side do not mix their lines; a line break inside JSON is only space.
{ printf '{"at":%s000,"hook":' "$(date +%s)"; tr -d '\n'; printf '}\n'; } >"$line" 2>/dev/null
dd if="$line" bs=16777216 >>"$file" 2>/dev/null
grep -q '"reason" *: *"clear"' "$line" && printf %s "$id" >"$cleared"
rm -f "$line"
exit 0
