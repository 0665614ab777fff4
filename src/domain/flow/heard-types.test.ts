import { expect, test } from 'vitest'
import { heardTypes } from './heard-types.ts'

test('something is done about our own types and whatever a flow starts on or waits for, or a rule looks at', () => {
  const heard = heardTypes(
    [
      {
        trigger: { on: ['parcel.shipped'] },
        steps: [{ id: 'w', kind: 'waitFor', event: ['parcel.arrived'], timeout: '1h', onTimeout: 'w' }],
      },
    ],
    [{ trigger: { on: ['parcel.lost'] } }],
  )
  for (const type of ['order.paid', 'parcel.shipped', 'parcel.arrived', 'parcel.lost'])
    expect(heard).toContain(type)
  expect(heard).not.toContain('parcel.opened')
})
