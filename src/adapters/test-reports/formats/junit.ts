import sax from 'sax'
import type { GatheredTests } from '../gathered-tests.ts'

/** Of the many dialects that are called JUnit what they have in common; read as a stream, so that neither depth nor size costs memory. */
export function readJunit(text: string, tests: GatheredTests, { isPytest = false } = {}): void {
  /** Of each open suite, its own or that of the one around it. */
  const files: (string | undefined)[] = []
  let test: OpenTest | undefined
  let said: string[] | undefined
  // Not strict in what it accepts: messages hold whatever a test printed. Entities besides XML's five stay as they are.
  const parser = sax.parser(true, { position: false })
  Object.assign(parser, {
    // Messages hold whatever a test printed, so that many reports are no strict XML. Entities besides its five stay as they are.
    onerror: () => void Object.assign(parser, { error: null }),
    onopentag: ({ name, attributes }: sax.Tag) => {
      const attribute = (key: string): string | undefined => attributes[key]
      if (name === 'testsuite') files.push(attribute('file') ?? attribute('filepath') ?? files.at(-1))
      if (name === 'testcase') test = openTest(attribute, files.at(-1), isPytest)
      if (test === undefined) return
      if (name === 'skipped') test.end = 'skipped'
      if (name !== 'failure' && name !== 'error') return
      test.end = 'failed'
      said = test.said
      said.push(attribute('message') ?? '', '\n')
    },
    ontext: (part: string) => void said?.push(part),
    oncdata: (part: string) => void said?.push(part),
    onclosetag: (name: string) => {
      if (name === 'testsuite') files.pop()
      if (name === 'failure' || name === 'error') said = undefined
      if (name !== 'testcase' || test === undefined) return
      tell(tests, test, isPytest)
      test = undefined
    },
  })
  for (let at = 0; at < text.length; at += PIECE) parser.write(text.slice(at, at + PIECE))
}

/** Small enough that the parser's own bounds on text and attributes hold. */
const PIECE = 1 << 14

interface OpenTest {
  readonly names: readonly string[]
  readonly file: string | undefined
  readonly line: number | undefined
  readonly said: string[]
  end: 'passed' | 'failed' | 'skipped'
}

function openTest(attribute: (key: string) => string | undefined, suiteFile: string | undefined, isPytest: boolean): OpenTest {
  const file = attribute('file') ?? suiteFile
  const classes = attribute('classname') ?? ''
  const name = attribute('name') ?? ''
  const within = isPytest ? classesOf(classes, file ?? '') : classes
  const line = Number(attribute('line') ?? NaN)
  return {
    // A module that could not be loaded stands there as a test.
    names: isPytest && file !== undefined && name === moduleOf(file) ? [file] : [...(within === '' ? [] : [within]), name],
    file,
    // pytest counts from 0.
    line: Number.isInteger(line) ? line + (isPytest ? 1 : 0) : undefined,
    said: [],
    end: 'passed',
  }
}

/** `tests.test_a.TestCart` of `tests/test_a.py` is `TestCart`. */
function classesOf(classname: string, file: string): string {
  const module = moduleOf(file)
  return classname === module
    ? ''
    : classname.startsWith(`${module}.`)
      ? classname.slice(module.length + 1).replaceAll('.', ' > ')
      : classname
}

function moduleOf(file: string): string {
  return file.replace(/\.py$/, '').replaceAll('/', '.')
}

function tell(tests: GatheredTests, { names, file, line, said, end }: OpenTest, isPytest: boolean): void {
  if (end === 'skipped') tests.skip()
  else if (end === 'passed') tests.pass({ names, file })
  else tests.fail({ names, file, line, message: said.join('').trim() }, { isOutermostFirst: isPytest })
}
