import type { BatchEnd } from '../../domain/queue/batch.ts'
import type { Json } from '../../ports/engine.ts'
import type { Offer } from './offer.ts'

export type BatchInput = {
  readonly project: string
  readonly repository: string
  readonly target: string
  /** All of one target and tested alike. */
  readonly offers: readonly Offer[]
  readonly history: { readonly landed: number; readonly sentBack: number }
} & { readonly [key: string]: Json | undefined }

export type BatchOutput = { readonly end: BatchEnd; readonly landed: number; readonly sentBack: number }
