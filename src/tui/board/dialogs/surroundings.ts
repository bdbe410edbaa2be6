import type { BoardDesk, Fleet } from '../desk.ts'
import type { Drafts } from './drafts.ts'
import type { Errands } from './errands.ts'

/** What the dialogs know of the board they lie over. */
export interface Surroundings {
  readonly desk: BoardDesk
  readonly errands: Errands
  readonly drafts: Drafts
  /** As it is now. */
  readonly fleet: Fleet
  /** Told at every change of the fleet, until the answer is called. */
  onFleet(listener: () => void): () => void
}
