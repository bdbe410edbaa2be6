#!/bin/sh
# sh news.sh <mode>: news of the team, for sessions that lead one. The hook of every other session ends in this shell: no orch, no node.
#   lead    this session has used a tool of orch: from now on it hears the news
#   wait    behind the session until there is some (asyncRewake)
#   prompt  with what the person says: what has come meanwhile
#   end     the session is over: who waits behind it leaves. One that is cleared goes on under another id
id=${CLAUDE_CODE_SESSION_ID:-}
case $id in '' | .* | */*) exit 0 ;; esac
# A session of orch's leads nobody.
[ -n "${ORCH_SESSION:-}" ] && exit 0
umask 077
root=${ORCH_HOME:-${HOME:-}/.orchestration}/claude
folder=$root/$id
# Run by `exec`: the parent of this shell is Claude Code.
claude=$PPID
if [ "$1" = lead ]; then
  [ -f "$folder/since" ] || { mkdir -p "$folder" && : >"$folder/since"; }
  exit 0
fi
if [ "$1" = wait ] && [ -f "$root/cleared-$claude" ]; then
  before=$(cat "$root/cleared-$claude")
  rm -f "$root/cleared-$claude"
  [ -f "$root/$before/since" ] && [ ! -d "$folder" ] && cp -Rp "$root/$before" "$folder"
fi
[ -f "$folder/since" ] || exit 0
if [ "$1" = end ]; then
  rm -f "$folder/waiter"
  case $(cat) in *'"reason":"clear"'*) printf %s "$id" >"$root/cleared-$claude" ;; esac
  exit 0
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
[ "$1" = prompt ] && exec sh "$here/launch.sh" quiet claude prompt --claude="$claude"
# In `claude -p` it would keep the answer back: there news comes with the next prompt.
[ "${CLAUDE_CODE_ENTRYPOINT:-}" = cli ] && [ "${CLAUDE_CODE_SESSION_ATTENDED:-1}" = 1 ] || exit 0
exec sh "$here/launch.sh" wake claude news --claude="$claude"
