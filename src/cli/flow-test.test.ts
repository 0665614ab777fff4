import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSite, type Site } from '../../test/kit/site.ts'
import { commandRunner } from './command.test-kit.ts'
import { columnsOf } from './screen.ts'
import { wrapped } from './wrapped.ts'

let site: Site
let folder: string
beforeAll(async () => {
  site = await openSite()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-flow-test-'))
}, 60_000)
afterAll(async () => {
  await site?.close()
  await rm(folder, { recursive: true, force: true })
})

const run = (key: string, options: object = {}, language: 'zh' | 'en' = 'en') =>
  commandRunner(site.engine.database.url, folder, language)('flow test', [key], {
    url: site.url,
    key: site.shop.key,
    ...options,
  })

it('shows a newcomer what a flow says and when, in both languages', async () => {
  const en = (await run('payment-failed-funds')).shown
  expect(en).toMatch(
    /^payment-failed-funds v1 · Balance or limit too low\nsample · SAMPLE-1 · payment\.failed/,
  )
  expect(en).toMatch(/It would start\n {2}✓ event {2}payment\.failed/)
  expect(en).toMatch(/\n\S+ \S+ first .* payment_failed_funds\n +→ email sample buyer {2}would leave\n +│ /)
  expect(en).toMatch(/The flow ends · said_enough/)
  expect(en).toMatch(/What cannot be foreseen\n {2}· The sample buyer is made up/)
  const zh = (await run('payment-failed-funds', {}, 'zh')).shown
  expect(zh).toMatch(/会启动\n {2}✓ 事件 {2}payment\.failed/)
  expect(zh).toMatch(/→ email 示例买家 {2}会发送/)
  for (const line of [...en.split('\n'), ...zh.split('\n')])
    if (!line.includes('http')) expect([line, columnsOf(line) <= 80]).toEqual([line, true])
})

it('tries a file, and refuses one that does not fit before anything is tried', async () => {
  const file = path.join(folder, 'night.yaml')
  const text = (template: string) => `
key: night
family: night
title: { zh: 夜里, en: At night }
description: { zh: 夜里, en: At night }
audience: buyer
purpose: reminder
trigger: { on: [order.created] }
stopWhen: [paid]
steps:
  - { id: night, kind: wait, for: 13h }
  - { id: text, kind: send, to: buyer, channels: [sms], template: ${template}, expiresIn: 1d }
`
  await writeFile(file, text('payment_failed_last'))
  const { shown } = await run('night', { file })
  expect(shown).toMatch(/night not published · At night/)
  expect(shown).toMatch(/waits until /)
  await writeFile(file, text('payment_failed_lost'))
  await expect(run('night', { file })).rejects.toThrow(/steps\[1\]\.template.*payment_failed_last/s)
  await expect(run('night', { file, order: 'A', event: 'B' })).rejects.toThrow(/--order or --event, not both/)
})

it('breaks lines between Chinese characters and at spaces, never before a full stop', () => {
  expect(wrapped('一二三四五六七八九十。甲', 20)).toEqual(['一二三四五六七八九十。', '甲'])
  expect(wrapped('one two three four five six', 20)).toEqual(['one two three four', 'five six'])
  expect(wrapped('', 20)).toEqual([''])
})
