import { gatePolicy } from '../../domain/gate/policy.ts'
import { type Command, EXIT } from '../command.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { setShop } from '../shop.ts'
import { POLICIES, SHOPS } from '../texts/commands.ts'

const shape = gatePolicy.omit({ timeZone: true })

/** Everything the gate heeds, as it would be written in a file for `policy set`. */
export const policyShow: Command = {
  name: 'policy show',
  summary: POLICIES.show,
  args: [{ name: '[slug]', text: SHOPS.slug }],
  examples: ['dingdong policy show', 'dingdong policy show my-shop --json'],
  async run(context, [slug]) {
    return withDatabase(context, async (session) => {
      const shop = await chooseShop(context, session, slug)
      const policy = shape.parse(shape.strip().parse(shop.settings))
      for (const [name, value] of Object.entries(policy))
        context.screen.line(`${context.screen.paint('bold', name)}: ${JSON.stringify(value)}`)
      context.screen.result(policy)
      return EXIT.ok
    })
  },
}

/** As `shop set`, for these settings alone. Takes effect at the next gate, on every process. */
export const policySet: Command = {
  name: 'policy set',
  summary: POLICIES.set,
  args: [{ name: '[slug]', text: SHOPS.slug }],
  options: [{ flags: '--settings <file>', text: SHOPS.file }],
  examples: [
    'dingdong policy set --settings policy.yaml',
    'dingdong policy set my-shop --settings - < policy.yaml',
  ],
  run: (context, [slug], options) => setShop(context, slug, options.settings, { shape: shape.partial() }),
}
