import { expect, test } from 'vitest'
import { retriesOf, type TaskSettings } from './task-input.ts'

test('a run that was begun with the old name of the setting goes on with its number', () => {
  expect(retriesOf({ retries: 3 } as TaskSettings)).toBe(3)
  expect(retriesOf({ attempts: 5 } as unknown as TaskSettings)).toBe(5)
})
