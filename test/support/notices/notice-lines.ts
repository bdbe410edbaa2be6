import { existsSync, readFileSync } from 'node:fs'
import { noticesFile } from '../../../src/config/home.ts'
import { type NoticeLine, parseNoticeLines } from '../../../src/domain/notices/notice-record.ts'

/** What the daemon has on record about notices, as it lies on disk. */
export function noticeLines(root: string): readonly NoticeLine[] {
  const path = noticesFile({ root })
  return existsSync(path) ? parseNoticeLines(readFileSync(path, 'utf8')) : []
}

/** Each time that a notice was found, in order: its kind and what it is about. */
export function foundNotices(root: string): readonly string[] {
  return noticeLines(root).flatMap((line) => (line.type === 'notice' ? [`${line.notice.kind} ${line.notice.handle ?? ''}`.trim()] : []))
}
