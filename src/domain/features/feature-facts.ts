import type { Standing } from '../attempts/standing.ts'
import type { Phase } from './department.ts'

/** What people see of a feature's parts: kept with its status. */
export interface FeatureFacts {
  readonly phase: Phase
  readonly parts: readonly FeaturePart[]
}

export interface FeaturePart {
  readonly department: string
  readonly handle: string
  readonly branch: string
  readonly phase: Phase
  readonly standing: Standing['kind'] | 'later' | 'landed'
  /** One line: what the validation said, why it is stuck. */
  readonly reason: string
  /** Stuck because the person holds it. */
  readonly isHeld?: boolean
  /** Ready at this commit. */
  readonly commit?: string
}
