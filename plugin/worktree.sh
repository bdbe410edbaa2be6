#!/bin/sh
# sh worktree.sh create|remove, with the hook's JSON on stdin: what Claude Code does for `claude -w NAME` and for the worktrees of its subagents once this hook is there.
# In a repository of orch the person's worktree is made and taken away by orch. Everywhere else, and whenever that fails, by git as Claude Code itself does it:
# `.claude/worktrees/NAME` on the branch `worktree-NAME`, with what `.worktreeinclude` lists. The path is the only word on stdout.
input=$(cat)
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

# "field":"value" as Claude Code writes it. A value with an escape in it is none that git or this script could be given.
field() { printf '%s' "$input" | tr -d '\n' | sed -n 's/.*"'"$1"'" *: *"\([^"\\]*\)".*/\1/p'; }
by_orch() { [ -z "${ORCH_SESSION:-}" ] || return 3; printf '%s' "$input" | sh "$here/launch.sh" pass claude "$1"; }
# The main worktree; in a submodule or beside a bare repository the one that we stand in.
root_of() {
  common=$(git rev-parse --path-format=absolute --git-common-dir) || return 1
  case $common in */.git) CDPATH='' cd -- "${common%/.git}" && pwd -P ;; *) git rev-parse --show-toplevel ;; esac
}

create() {
  name=$(field name)
  case $name in '' | -* | *..* | *[!A-Za-z0-9._/-]*) echo "no name for a worktree: $name" >&2 && return 1 ;; esac
  root=$(root_of) || return 1
  flat=$(printf %s "$name" | tr / +)
  path=$root/.claude/worktrees/$flat
  if [ ! -e "$path/.git" ]; then
    base=$(git -C "$root" rev-parse --verify --quiet --end-of-options 'refs/remotes/origin/HEAD^{commit}' || git -C "$root" rev-parse --verify --end-of-options 'HEAD^{commit}') || return 1
    branch=worktree-$flat
    if git -C "$root" show-ref --verify --quiet "refs/heads/$branch"; then
      git -C "$root" worktree add "$path" "$branch" >&2 || return 1
    else
      git -C "$root" worktree add --no-track -b "$branch" "$path" "$base" >&2 || return 1
    fi
    if [ -f "$root/.worktreeinclude" ]; then
      (cd "$root" && git ls-files -z --others --ignored --exclude-from=.worktreeinclude | tar --null -cf - -T - | tar -xf - -C "$path") >&2 2>/dev/null || :
    fi
  fi
  printf '%s\n' "$path"
}

# Without force: what is not committed stays, and so does a branch whose commits are nowhere else.
remove() {
  path=$(field worktree_path)
  case $path in */.claude/worktrees/*) ;; *) echo "not made here, so it stays: $path" >&2 && return 1 ;; esac
  [ -e "$path" ] || return 0
  branch=$(git -C "$path" symbolic-ref --quiet --short HEAD)
  root=$(CDPATH='' cd -- "$path" && root_of) || return 1
  git -C "$root" worktree remove -- "$path" >&2 || return 1
  case $branch in worktree-*) git -C "$root" branch -d -- "$branch" >&2 || : ;; esac
}

case $1 in
  create) path=$(by_orch worktree) && [ -d "$path" ] && printf '%s\n' "$path" || create ;;
  remove)
    by_orch worktree-left
    case $? in 0) exit 0 ;; 1) exit 1 ;; *) remove ;; esac
    ;;
esac
