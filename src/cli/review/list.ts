import { plainLine } from '../../foundation/text.ts'
import { sumWords } from '../../tui/diff/titles.ts'
import type { Material, ReviewItem } from '../../tui/review/item.ts'
import type { Context } from '../context.ts'
import { EXIT, renderError } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { money } from '../../protocol/urgency.ts'
import { styleStatus } from '../view/urgency.ts'
import { finishedWork } from './finished.ts'
import { loadMaterial } from './material.ts'

interface Listed extends ReviewItem {
  readonly material: Material | undefined
  readonly problem: string | undefined
}

/** `--list`, and what there is to see without a terminal. */
export async function listReview(context: Context, invocation: Invocation): Promise<number> {
  const listed = await loadAll(context, finishedWork(context, invocation.words))
  if (flag(invocation, 'json')) {
    context.output.json({ schema: 1, items: listed.map(itemJson) })
    return EXIT.done
  }
  if (listed.length === 0) context.output.answer('nothing to review')
  for (const item of listed) print(context, item)
  if (listed.length > 0 && !flag(invocation, 'list'))
    context.output.note(
      'orch: no terminal to show it in. `orch diff NAME` shows the changes; `orch review --merge NAME`, `--send-back NAME --comment "file:line: text"`,\n' +
        '`--discard NAME --reason "why"` and `--skip NAME` judge it; `orch review --help` has the rest.',
    )
  return EXIT.done
}

/** Each is a few processes of git. */
const AT_ONCE = 4

async function loadAll(context: Context, items: readonly ReviewItem[]): Promise<readonly Listed[]> {
  const listed: Listed[] = []
  for (let at = 0; at < items.length; at += AT_ONCE)
    listed.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map((item) => loadOne(context, item)))))
  return listed
}

async function loadOne(context: Context, item: ReviewItem): Promise<Listed> {
  return loadMaterial(context, item.status).then(
    (material) => ({ ...item, material, problem: undefined }),
    (error: unknown) => ({ ...item, material: undefined, problem: renderError(error, '').split('\n')[0] }),
  )
}

function itemJson({ status, isSkipped, material, problem }: Listed): unknown {
  const { handle, branch, target, title, reason, costUsd, checkpoint, verdict, attempt } = status
  return {
    handle,
    branch,
    target,
    title,
    status: status.status,
    reason,
    costUsd,
    attempt,
    checkpoint,
    verdict,
    isSkipped,
    ...(problem !== undefined && { problem }),
    ...(material !== undefined && {
      head: material.head,
      files: material.patch.files,
      uncommitted: material.uncommitted,
      overlaps: material.overlaps,
      notes: material.notes,
    }),
  }
}

function print(context: Context, { status, isSkipped, material, problem }: Listed): void {
  const { styles } = context.output.answers
  const { verdict } = status
  const facts = [
    ...(material === undefined ? [plainLine(problem ?? '')] : [sumWords(material.patch.files)]),
    verdict === undefined ? 'no verdict' : `${verdict.isPassed ? 'passed' : 'failed'} at ${verdict.commit.slice(0, 10)}`,
    money(status.costUsd),
    ...(material !== undefined && material.uncommitted.length > 0 ? [`${material.uncommitted.length} uncommitted`] : []),
    ...(material !== undefined && material.overlaps.length > 0
      ? [`overlaps with ${material.overlaps.map(({ other }) => plainLine(other, 60)).join(', ')}`]
      : []),
    ...(isSkipped ? ['skipped'] : []),
  ]
  const title = styleStatus(styles, status.status, `${status.status}: ${plainLine(status.reason)}`)
  context.output.answer(`${plainLine(status.handle)}  ${title}\n  ${facts.join(' · ')}`)
}
