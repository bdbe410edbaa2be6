/** Words that say nothing about what a thing is (house style, "Names"): not in the name of a file, class, interface or type. */
const words =
  /^(?:managers?|helpers?|utils?|utility|utilities|data|infos?|information|handles?|handlers?|process|processes|misc|common|workspaces?|jobs?)$/
// Our own words: a session's short name that people type, and the engine's view of a run.
const accepted = new Set(['Handle', 'RunHandle'])
// The doors to operating-system processes: there the word is the thing.
const processWord = /^process(?:es)?$/

export const plainNames = {
  meta: { type: 'suggestion', docs: { description: 'No manager, helper, util, data, info, handle(r), process as names.' } },
  create(context) {
    const declared = (node) => {
      if (node.id?.name && !accepted.has(node.id.name)) judge(context, node.id, node.id.name, wordsOfIdentifier(node.id.name))
    }
    return {
      Program(node) {
        const path = context.filename.replaceAll('\\', '/')
        const name = path.split('/').at(-1)
        judge(context, node, name, name.replace(/\.[a-z.]+$/, '').split('-'))
      },
      ClassDeclaration: declared,
      TSInterfaceDeclaration: declared,
      TSTypeAliasDeclaration: declared,
    }
  },
}

/** The last word is what the thing is: `process-exit` is an exit, `exit-data` is data. */
function judge(context, node, name, parts) {
  const word = parts.at(-1)
  if (word === undefined || !words.test(word)) return
  if (processWord.test(word) && context.filename.replaceAll('\\', '/').includes('/src/platform/')) return
  context.report({
    node,
    message: `"${name}" is named "${word}", which could be anything: name it after what it is or does (house style, "Names").`,
  })
}

function wordsOfIdentifier(name) {
  return name.split(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/).map((word) => word.toLowerCase())
}
