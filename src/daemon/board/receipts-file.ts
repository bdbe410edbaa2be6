import * as v from 'valibot'
import type { KeptReceipt } from '../../domain/board/receipts.ts'

const Receipts = v.array(v.object({ to: v.string(), deliveredAt: v.exactOptional(v.number()), refused: v.exactOptional(v.string()) }))

export function parseReceipts(value: unknown): readonly KeptReceipt[] {
  return v.parse(Receipts, value)
}
