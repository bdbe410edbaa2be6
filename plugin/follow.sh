#!/bin/sh
# With a hook's JSON on stdin: appends it for orch where this conversation is a task's, as `claude -w` made it one (`orch claude worktree`). Every other session ends at the first line that looks.
id=${CLAUDE_CODE_SESSION_ID:-}
case $id in '' | .* | */*) exit 0 ;; esac
file=${ORCH_HOME:-${HOME:-}/.orchestration}/claude/$id/task/hooks.jsonl
[ -f "$file" ] && [ -z "${ORCH_SESSION:-}" ] || exit 0
umask 077
line=$file.$$
# One write, so that hooks side by side do not mix their lines; a line break inside JSON is only space.
{ printf '{"at":%s000,"hook":' "$(date +%s)"; tr -d '\n'; printf '}\n'; } >"$line" 2>/dev/null
dd if="$line" bs=16777216 >>"$file" 2>/dev/null
rm -f "$line"
exit 0
