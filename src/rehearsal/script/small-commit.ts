import type { WrittenStep } from './script-schema.ts'

/**
 * What a session does that no entry of the script matches: reads its task, writes one small file where the task may write, commits it and says
 * that it is done.
 */
export const smallCommit: readonly WrittenStep[] = [
  { text: 'I will read the task first.', bash: 'cat TASK.md 2>/dev/null || echo "no TASK.md here"' },
  { bash: writeWhatIsOwned() },
  { bash: `git add -A && git commit -q --allow-empty -m 'Rehearse {{task}}'` },
  { bash: `orch done 'Rehearsed: one small file'` },
  { end: 'Done: one small file is committed.' },
]

/** A new file below the first glob of its own that has a `*`, else what the first one names; a file that is there is left as it is. */
function writeWhatIsOwned(): string {
  const ownedFile = [
    '/^## /{s=/^## (Yours to change|Files of this task)/}',
    's&&/^- `[^!]/{gsub(/^- `|`$/,"");if(f==""||f!~/[*]/&&/[*]/)f=$0}',
    'END{while(match(f,/[[][^]]+[]]/))f=substr(f,1,RSTART-1) substr(f,RSTART+1,1) substr(f,RSTART+RLENGTH)',
    'gsub(/[{]|,[^}]*[}]/,"",f);sub(/[*][*]$|\\/$/,"/{{task}}.md",f);gsub(/[*][*]/,"rehearsal",f);gsub(/[*]/,"{{task}}",f);gsub(/\\/+/,"/",f)',
    'if(f!~/^\\/|[.][.]/)print f}',
  ].join('\n')
  return [
    '# one small file, where this task may write',
    `file=$(awk '${ownedFile}' TASK.md 2>/dev/null); file="\${file:-rehearsal/{{task}}.md}"`,
    `if test -d "$file"; then file="$file/{{task}}.md"; fi`,
    `mkdir -p "$(dirname "$file")"; test -e "$file" || printf '# %s\\n\\nA rehearsed change.\\n' '{{task}}' > "$file"`,
  ].join('\n')
}
