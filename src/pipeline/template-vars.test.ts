import { expect, it } from 'vitest'
import { MONDAY } from '../../test/kit/world.ts'
import { viewOrder } from '../domain/order/view.ts'
import { mailScene } from './mail-scene.test-kit.ts'
import { templateVars } from './template-vars.ts'

const scene = mailScene('template-vars')

it('a member’s message leads to the order in the shop’s own console, where the shop has said where that is', async () => {
  const console = async (settings: object, no: string | null, audience = 'member') => {
    const shop = await scene.newShop([], settings)
    const { configs, keyring } = scene.world.engine
    const [config, vault] = [await configs.get(shop.id), await keyring.open(shop.id)]
    const view = no === null ? null : { ...viewOrder({}), no }
    const message = { id: 'm', order_id: null, audience, contact_id: null, vars: null }
    const around = { shop: shop.id, config, vault, publicUrl: 'https://ding.example', now: MONDAY }
    return templateVars(around, message as never, { view, address: null, name: null }).links?.console
  }
  const perOrder = { consoleUrlTemplate: 'https://shop.example/admin/orders/{no}' }
  const one = { consoleUrlTemplate: 'https://shop.example/admin' }
  expect(await console(perOrder, 'A 1')).toBe('https://shop.example/admin/orders/A%201')
  expect(await console(one, null)).toBe('https://shop.example/admin')
  for (const none of [console(perOrder, null), console({}, 'A 1'), console(one, 'A 1', 'buyer')])
    expect(await none).toBeUndefined()
})
