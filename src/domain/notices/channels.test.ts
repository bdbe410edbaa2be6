import { expect, test } from 'vitest'
import { shownUrl, urlProblem } from './channels.ts'

test.each([
  ['https://hooks.example.com/T0/secret', undefined],
  ['http://127.0.0.1:8080/x', undefined],
  ['hooks.example.com', 'its address is no URL'],
  ['file:///etc/passwd', 'its address is neither https nor http'],
  ['https://me:secret@example.com/', expect.stringContaining('a name or a password')],
])('an address such as %s', (url, problem) => {
  expect(urlProblem(url)).toEqual(problem)
  expect(`${urlProblem(url)} ${shownUrl(url)}`).not.toContain('secret')
})
