import { HOLDERS, ROUTES } from '../../src/http/permissions.ts'
import { code, type Page, table } from './page.ts'

export const routes: Page = {
  file: 'routes.md',
  title: 'Routes and permissions',
  from: 'src/http/permissions.ts',
  body() {
    return [
      'Every route there is, and the permission it asks for before it reads the body. A route that is not in this table cannot be registered. What goes in and comes out is described in [openapi.json](openapi.json), which a running Dingdong serves at `/openapi.json`.',
      table(
        ['route', 'permission'],
        Object.entries(ROUTES).map(([route, permission]) => [code(route), code(permission)]),
      ),
      '## Who may hold a permission',
      table(
        ['permission', 'held by'],
        Object.entries(HOLDERS).map(([permission, holders]) => [code(permission), holders.join(', ')]),
      ),
      [
        '- **key**: an API key of the shop with this scope. `dingdong key create NAME --scopes a,b`.',
        '- **admin**: the administrator, logged in with the admin secret: any shop.',
        '- **link**: whoever holds the signed link; it names the shop and the one thing it is for.',
        '- **secret path**: an outside system that knows the path, and whose signature is then checked.',
        '- **this machine**: a request from the same machine.',
      ].join('\n'),
    ].join('\n\n')
  },
}
