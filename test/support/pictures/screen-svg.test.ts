import { expect, test } from 'vitest'
import { screenSvg, svgWords } from './screen-svg.ts'

const size = { columns: 20, rows: 2, title: 'a <b> & c' }
const texts = (svg: string) =>
  [...svg.matchAll(/<text x="([\d.]+)" y="(\d+)" textLength="([\d.]+)"[^>]*fill="(#\w+)"([^>]*)>(.*)<\/text>/g)].map((found) =>
    found.slice(1),
  )

test('text stands in its cells, with its colours, and cannot become markup', () => {
  const svg = screenSvg('\u001b[1mab\u001b[22m \u001b[32mgreen\u001b[39m <i>\n漢字\u001b[38;5;1mx\n', size)
  expect(texts(svg)).toEqual([
    ['12', '47', '15.6', '#d5d8de', ' font-weight="bold"', 'ab'],
    ['35.4', '47', '39', '#7fbf6a', '', 'green'],
    ['74.4', '47', '31.2', '#d5d8de', '', ' &lt;i&gt;'],
    ['12', '64', '31.2', '#d5d8de', '', '漢字'],
    ['43.2', '64', '7.8', '#e06c75', '', 'x'],
  ])
  expect(svg).toContain('<title>a &lt;b&gt; &amp; c</title>')
})

test('a selected row is inverse, and rows beyond the screen are left out', () => {
  const svg = screenSvg('\u001b[7mrow\u001b[0m\ntwo\nthree', size)
  expect(svg).toContain('<rect x="12" y="34" width="23.4" height="17" fill="#d5d8de"/>')
  expect(texts(svg).map((found) => found.at(-1))).toEqual(['row', 'two'])
})

test('what it says is the same whatever the numbers are, and other when a word is', () => {
  const words = (screen: string) => svgWords(screenSvg(screen, { ...size, columns: 40 }))
  expect(words('api  12 s │ Finished.\nweb')).toBe('Finished.\nweb')
  expect(words('api   1 m… │ \u001b[1mFinished.\u001b[0m\nweb')).toBe(words('api  12 s │ Finished.\nweb'))
  expect(words('api  12 s │ Failed.\nweb')).not.toBe(words('api  12 s │ Finished.\nweb'))
})
