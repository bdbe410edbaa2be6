import { expect, test } from 'vitest'
import { importedPlaces } from './imports.ts'

test('imports of scripts are looked for where a runner would find them', () => {
  const text = `import { a } from './cart.js'\nimport x from "lodash"\nconst b = require('../lib/prices')\nawait import('./deep/tax.ts')\nexport * from '../../../out'`
  const places = importedPlaces('test/cart.test.ts', text)
  expect(places.map(([first]) => first)).toEqual(['test/cart.js', 'lib/prices', 'test/deep/tax.ts', 'out'])
  expect(places[0]).toContain('test/cart.ts')
  expect(places[1]).toEqual(expect.arrayContaining(['lib/prices.ts', 'lib/prices/index.js']))
})

test('imports of Python modules, absolute and relative', () => {
  const text = 'import shop.cart\nfrom shop.tax import vat\nfrom . import near\nfrom ..base import far\nimport os'
  expect(importedPlaces('tests/unit/test_cart.py', text).map(([first]) => first)).toEqual([
    'shop/cart.py',
    'shop/tax.py',
    'tests/unit.py',
    'tests/base.py',
    'os.py',
  ])
})

test('what is no source file imports nothing', () => {
  expect(importedPlaces('README.md', "import './a.js'")).toEqual([])
})
