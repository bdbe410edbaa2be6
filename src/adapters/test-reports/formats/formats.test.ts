import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TestReport } from '../../../ports/test-reporting.ts'
import { GatheredTests } from '../gathered-tests.ts'
import { readCargo } from './cargo.ts'
import { readGo } from './go.ts'
import { readJest } from './jest.ts'
import { readJunit } from './junit.ts'
import { readMocha } from './mocha.ts'
import { readNodeTest } from './node-test.ts'
import { readTap } from './tap.ts'

const FIXTURES = join(import.meta.dirname, '../../../../test/fixtures/test-reports')
const sample = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8')

function read(reader: (text: string, tests: GatheredTests) => unknown, text: string): TestReport {
  const tests = new GatheredTests(['/repo'])
  reader(text, tests)
  return tests.report()
}

/** `file: name @ path:line …` of the failures, `file: name` of what passed. */
function told({ passed, failed, skipped }: TestReport): unknown {
  const named = ({ file, name }: { file?: string; name: string }): string => (file === undefined ? name : `${file}: ${name}`)
  const placed = failed.map((test) => [named(test), '@', ...test.frames.map(({ path, line }) => `${path}:${line}`)].join(' '))
  return { passed: passed.map(named), failed: placed, skipped }
}

// Written by the real runners (jest 30.5, vitest 4.1, mocha 12, pytest 9, cargo 1.95, Node 20.20); Go's after its documentation.
test('reports of real runners', () => {
  expect(told(read(readJest, sample('jest.json')))).toEqual({
    passed: ['j/a.test.js: cart > adds up', 'j/a.test.js: cart > each 1'],
    failed: [
      'j/a.test.js: cart > deep > fails (a+b) @ j/a.test.js:3',
      'j/a.test.js: cart > each 2 @ j/a.test.js:5',
      'j/b.test.js: j/b.test.js @ b.test.js:1',
    ],
    skipped: 1,
  })
  expect(told(read(readJest, sample('vitest.json')))).toEqual({
    passed: ['v/a.test.js: cart > adds up', 'v/a.test.js: cart > each 1'],
    failed: [
      'v/a.test.js: cart > deep > fails (a+b) @ v/a.test.js:4',
      'v/a.test.js: cart > each 2 @ v/a.test.js:6',
      'v/b.test.js: v/b.test.js @',
    ],
    skipped: 1,
  })
  expect(told(read(readMocha, sample('mocha.json')))).toEqual({
    passed: ['m/a.test.cjs: cart adds up'],
    failed: [
      'm/a.test.cjs: cart deep fails (a+b) @ m/a.test.cjs:4',
      'm/a.test.cjs: cart hooks "before all" hook for "never" @ m/a.test.cjs:6',
    ],
    skipped: 1,
  })
  expect(told(read((text, tests) => readJunit(text, tests, { isPytest: true }), sample('pytest.xml')))).toEqual({
    passed: ['tests/test_cart.py: test_adds_up', 'tests/test_cart.py: TestCart > test_each[a b]'],
    failed: [
      'tests/test_broken.py: tests/test_broken.py @ tests/test_broken.py:1',
      'tests/test_cart.py: TestCart > test_has_a_total @ cart.py:2 tests/test_cart.py:9 tests/test_cart.py:8',
      'tests/test_cart.py: TestCart > test_each[x/y] @ tests/test_cart.py:13 tests/test_cart.py:11',
    ],
    skipped: 1,
  })
  expect(told(read(readCargo, sample('cargo.txt')))).toEqual({
    passed: ['tests::adds_up', 'tests::panics', 'src/lib.rs - add (line 1)'],
    failed: ['tests::has_a_total @ src/lib.rs:18', 'whole @ tests/whole.rs:3'],
    skipped: 1,
  })
  expect(told(read((text, tests) => readGo(text, tests, 'example.org/shop'), sample('go.jsonl')))).toEqual({
    passed: ['example.org/shop/cart > TestAdds'],
    failed: ['example.org/shop/cart > TestTotal/of_two @ cart/cart_test.go:14', 'example.org/shop @'],
    skipped: 1,
  })
  expect(told(read(readTap, sample('node.tap')))).toEqual({
    passed: ['adds up', 'cart > is empty'],
    failed: [
      'cart > has a <total> & "more" @ test/a.test.js:6',
      'cart > deep > fails (a+b) @ test/a.test.js:7',
      'test/b.test.js @ test/b.test.js:1',
    ],
    skipped: 1,
  })
})

test('JUnit of other tools: nested suites, files of the suite, errors, text that is no XML', () => {
  const text = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>
    <testsuites><testsuite name="outer" file="src/a.rb"><testsuite name="inner">
    <testcase classname="A" name="one"/><testcase name="two &quot;x&quot;"><error message="at src/b.rb:7 \u001b[31m &b; & <">\u0000 <![CDATA[<raw>]]></error></testcase>
    <testcase name="three"><skipped/></testcase></testsuite></testsuite>`
  const report = read(readJunit, text)
  expect(told(report)).toEqual({ passed: ['src/a.rb: A > one'], failed: ['src/a.rb: two "x" @ src/b.rb:7'], skipped: 1 })
  expect(report.failed[0]?.message).not.toContain('aaaa')
})

test('hostile reports do no harm: depth, size, paths outside, escapes, half a line', () => {
  const deep = read(readJunit, `${'<testsuite>'.repeat(50_000)}<testcase name="x"/>`)
  expect(deep).toEqual({ passed: [{ name: 'x' }], failed: [], skipped: 0 })
  const lines = Array.from({ length: 2000 }, (_, index) =>
    JSON.stringify({
      names: [`t${index}\0`, '\u001b[31mred'],
      file: index % 2 === 0 ? '/etc/passwd' : '../../out.js',
      line: 3,
      result: 'failed',
      isSkipped: false,
      isSuite: false,
      message: `at /etc/shadow:1 ../x.js:2 file:///repo/a.js:3:4 node_modules/b.js:5 ${'😀'.repeat(9000)}`,
    }),
  )
  const { failed } = read(readNodeTest, `${lines.join('\n')}\n{"names":["half`)
  expect(failed).toHaveLength(500)
  for (const { file, name, message, frames } of failed) {
    expect(file).toBeUndefined()
    expect(name).not.toContain('\0')
    expect(message.length).toBeLessThanOrEqual(4096)
    expect(frames).toEqual([{ path: 'a.js', line: 3 }])
  }
  expect(() => read(readTap, `TAP version 14\n${'    '.repeat(3000)}ok 1\n  ---\n  a: &a [*a]\n  ...\n`)).not.toThrow()
})
