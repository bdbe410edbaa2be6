import { assertNever } from '../../foundation/invariant.ts'
import { failureWords } from '../../domain/sessions/failure-words.ts'
import type { ModelFailure } from '../../domain/sessions/session-event.ts'
import { held, unfinished, type Held, type Limited } from './talk-end.ts'
import type { TaskLife } from '../life/task-life.ts'

/** How often the same trouble of one session may return before a person is asked. */
export const MAX_TROUBLES = 8
const FIRST_WAIT_MS = 2000

/** The agent's own retries are used up, or there was nothing to retry. */
export async function afterModelFailure(life: TaskLife, cause: ModelFailure, message: string): Promise<Held | Limited | undefined> {
  switch (cause) {
    case 'authentication':
      return failed(life, cause, 'log in (claude /login) or set the key')
    case 'billing':
      return failed(life, cause, "add credit to the key's account, or set another key")
    case 'model-not-found':
      return failed(life, cause, 'name a model that you may use (model: in orch.yaml)')
    case 'prompt-too-long':
      return failed(life, cause, 'make the task smaller')
    case 'rate-limit':
    case 'overloaded':
    case 'connection':
      // Everyone's trouble: the gate holds the fleet, lets one try, and no person can do anything about it, however long it takes.
      return undefined
    case 'server':
    case 'unknown':
      return waitAlone(life, `the model answered ${failureWords(cause)}`, message)
    default:
      return assertNever(cause)
  }
}

function failed(life: TaskLife, code: ModelFailure, next: string): Held {
  const reason = `the model answered ${failureWords(code)}`
  return held({ kind: 'failed', code, reason, next: `${next}, then orch resume ${life.input.handle}`, source: 'protocol' }, false)
}

/** It may be this conversation alone that the model cannot answer, so it is tried again with growing waits, but not for ever. */
async function waitAlone(life: TaskLife, words: string, message: string): Promise<Held | Limited> {
  life.failedTurns += 1
  if (life.failedTurns > MAX_TROUBLES) return unfinished(`${words}, ${life.failedTurns} times: ${message}`)
  const waitMs = FIRST_WAIT_MS * 2 ** (life.failedTurns - 1)
  const until = await life.run.step('when to try again', () => life.services.now() + waitMs)
  return { kind: 'limited', until, reason: words, prompt: life.words.goOn() }
}
