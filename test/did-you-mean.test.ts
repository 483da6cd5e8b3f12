import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { didYouMean, editDistance, suggestion } from '../lib/did-you-mean.js'

const meant = suite('did you mean')

const options = ['state', 'signal', 'verify', 'stateRoot', 'trustSenders', 'hardfork', 'gasLimit']

meant('the distance counts added, removed, replaced and swapped letters', () => {
  const distances: readonly [string, string, number][] = [
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', '', 3],
    ['signal', 'signal', 0],
    ['signal', 'singal', 1],
    ['signal', 'signals', 1],
    ['signal', 'sgnal', 1],
    ['signal', 'sigmal', 1],
    ['kitten', 'sitting', 3],
    ['ab', 'ba', 1],
    ['abcd', 'badc', 2],
  ]
  for (const [from, to, expected] of distances) {
    assert.is(editDistance(from, to), expected, `${from} ${to}`)
    assert.is(editDistance(to, from), expected, `${to} ${from}`)
  }
})

meant('slips, other cases and missing ends are understood', () => {
  for (const [given, expected] of [
    ['singal', 'signal'],
    ['hardFork', 'hardfork'],
    ['VERIFY', 'verify'],
    ['trustSender', 'trustSenders'],
    ['trust', 'trustSenders'],
    ['gas', 'gasLimit'],
    ['stat', 'state'],
    ['stateroot', 'stateRoot'],
  ]) {
    assert.is(didYouMean(given, options), expected, given)
  }
})

meant('what is like nothing known is not guessed', () => {
  for (const given of ['', 'x', 'ga', 'frobnicate', 'state'.repeat(100)]) {
    assert.is(didYouMean(given, options), undefined, given)
  }
  assert.is(didYouMean('signal', []), undefined)
})

meant('the first of equals wins', () => {
  assert.is(didYouMean('bat', ['cat', 'rat']), 'cat')
})

meant('a suggestion ends a sentence', () => {
  assert.is(suggestion('singal', options), ", did you mean 'signal'?")
  assert.is(suggestion('frobnicate', options), '')
})

meant.run()
