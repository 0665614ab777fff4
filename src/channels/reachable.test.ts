import { expect, test } from 'vitest'
import { isReachable } from './reachable.ts'

const names: Readonly<Record<string, readonly string[]>> = {
  'shop.example': ['10.0.0.7', '8.8.8.8'],
  'shop.lan': ['10.0.0.7', 'fd00::7'],
  'metadata.lan': ['169.254.169.254'],
}
/** As the machine's own: an address in digits is its own answer. */
const resolve = async (name: string) => {
  const found = /^[\d.]+$|:/.test(name) ? [name] : names[name]
  if (!found) throw new Error('ENOTFOUND')
  return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
}
const kind = async (url: string, ...allowed: string[]) => (await isReachable(url, allowed, resolve)).kind

test('one public address of a name is enough', async () => {
  expect(await kind('https://shop.example/hook')).toBe('yes')
  expect(await kind('http://8.8.8.8/')).toBe('yes')
})

test('private addresses are reached only at exactly an allowed origin', async () => {
  const url = 'http://shop.lan:3000/hook?to={{to}}'
  expect(await isReachable(url, [], resolve)).toEqual({
    kind: 'private',
    host: 'shop.lan',
    address: '10.0.0.7',
    origin: 'http://shop.lan:3000',
  })
  expect(await kind(url, 'http://shop.lan:3000')).toBe('yes')
  for (const other of ['http://shop.lan', 'https://shop.lan:3000', 'http://10.0.0.7:3000'])
    expect(await kind(url, other)).toBe('private')
  for (const literal of ['http://127.0.0.1:80/', 'http://[::1]/', 'http://2130706433/'])
    expect(await kind(literal)).toBe('private')
  expect(await kind('http://127.0.0.1:80/', 'http://127.0.0.1')).toBe('yes')
})

test('where a machine is told its secrets nothing is reached, allowed or not', async () => {
  for (const url of ['http://metadata.lan/', 'http://169.254.169.254/'])
    expect(await kind(url, new URL(url).origin)).toBe('never')
})

test('a name without an address is told apart: it may get one', async () => {
  expect(await isReachable('https://later.example/', [], resolve)).toEqual({
    kind: 'nowhere',
    host: 'later.example',
  })
})
