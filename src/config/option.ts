import type { Kind } from './option-kinds.ts'

export interface Option<T> {
  /** Where it stands in orch.yaml; a dot goes one level down. */
  readonly path: string
  readonly env: `ORCH_${string}`
  /** As commander writes it. */
  readonly flag?: string
  readonly kind: Kind<NonNullable<T>>
  readonly default: T
  readonly doc: string
  /** 'user': says something about this machine, so a repository's file may not set it. */
  readonly scope: 'project' | 'user'
}

interface Given<T> {
  readonly path: string
  readonly env: `ORCH_${string}`
  readonly flag?: string
  readonly kind: Kind<T>
  readonly doc: string
  readonly scope?: 'project' | 'user'
}

export function option<T extends {}>(given: Given<T> & { readonly default: NoInfer<T> }): Option<T> {
  return { scope: 'project', ...given }
}

export function optional<T extends {}>(given: Given<T>): Option<T | undefined> {
  return { scope: 'project', ...given, default: undefined }
}
