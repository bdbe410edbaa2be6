import type { ModelFailure } from './session-event.ts'

/** What the model has answered, after that. */
export function failureWords(cause: ModelFailure): string {
  const words: Record<ModelFailure, string> = {
    'rate-limit': 'rate limited (429)',
    overloaded: 'overloaded (529)',
    server: 'with a server error',
    authentication: 'that the login is not valid (401)',
    billing: 'that the credit balance is too low',
    connection: 'not at all (connection failed)',
    'prompt-too-long': 'that the prompt is too long',
    'model-not-found': 'that there is no such model',
    unknown: 'with an error',
  }
  return words[cause]
}
