import { VARIABLES } from '../../src/domain/template/variables.ts'
import { code, type Page, table } from './page.ts'

export const templates: Page = {
  file: 'templates.md',
  title: 'Names in templates',
  from: 'src/domain/template/variables.ts',
  body() {
    const rows = VARIABLES.map(({ path, zh, type, hiddenOn = [], unless = [] }) => [
      zh.map((name) => code(`{${name}}`)).join(' '),
      code(path),
      type,
      hiddenOn.length === 0
        ? ''
        : `not in ${hiddenOn.join(', ')}${unless.length > 0 ? `, unless ${unless.join(', ')}` : ''}`,
    ])
    return [
      'Templates are [Liquid](https://liquidjs.com). `{订单号}` and `{{ order.no }}` mean the same. A name that is not in this table is refused when the template is published, with the nearest known one. Card keys are never among them.',
      table(['Chinese', 'Liquid', 'type', ''], rows),
    ].join('\n\n')
  },
}
