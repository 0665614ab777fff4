/** Who a permission may be held by. */
export type Holder =
  /** An API key of the shop that has the permission among its scopes. */
  | 'key'
  /** The administrator, logged in: any shop. */
  | 'admin'
  /** Somebody who works for the shop, logged in by a code. */
  | 'member'
  /** Whoever holds the signed link; the handler opens the token. */
  | 'link'
  /** An outside system that knows a secret path, and then signs. */
  | 'secret path'
  /** A request from this machine itself. */
  | 'this machine'
  | 'anyone'

/** Every permission and who may hold it. */
export const HOLDERS = {
  'events:write': ['key'],
  'events:read': ['key', 'admin'],
  'events:retry': ['key', 'admin'],
  'orders:read': ['key', 'admin'],
  'messages:read': ['key', 'admin'],
  'messages:resend': ['key', 'admin'],
  'inbox:read': ['key', 'admin'],
  'inbox:write': ['key', 'admin'],
  'flows:read': ['key', 'admin'],
  'flows:write': ['key', 'admin'],
  'flows:test': ['key', 'admin'],
  'templates:read': ['key', 'admin'],
  'templates:write': ['key', 'admin'],
  'codes:read': ['key', 'admin'],
  'codes:write': ['key', 'admin'],
  'reviews:read': ['key', 'admin', 'member'],
  'reviews:decide': ['key', 'admin', 'member'],
  'rules:read': ['key', 'admin'],
  'rules:write': ['key', 'admin'],
  'law:read': ['key', 'admin'],
  'keys:manage': ['key', 'admin'],
  'audit:read': ['key', 'admin'],
  'shop:kill': ['key', 'admin'],
  'metrics:read': ['key', 'admin', 'this machine'],
  admin: ['admin'],
  member: ['admin', 'member'],
  link: ['link'],
  callback: ['secret path'],
  public: ['anyone'],
} as const satisfies Record<string, readonly Holder[]>

export type Permission = keyof typeof HOLDERS

/** Permissions an API key can be given. */
export const SCOPES = (Object.keys(HOLDERS) as Permission[]).filter((name) =>
  (HOLDERS[name] as readonly Holder[]).includes('key'),
)

/** Every route there is. A route that is not in this table cannot be registered. */
export const ROUTES = {
  'POST /v1/events': 'events:write',
  'GET /v1/events/:id': 'events:read',
  'GET /v1/stuck': 'events:read',
  'POST /v1/stuck/:id/retry': 'events:retry',
  'GET /v1/conflicts': 'events:read',
  'GET /v1/refusals': 'events:read',

  'GET /v1/orders/:no': 'orders:read',
  'GET /v1/orders/:no/timeline': 'orders:read',

  'GET /v1/messages': 'messages:read',
  'GET /v1/messages/:id': 'messages:read',
  'POST /v1/messages/:id/resend': 'messages:resend',

  'GET /v1/inbox/:customer': 'inbox:read',
  'POST /v1/inbox/:customer/:message/:change': 'inbox:write',

  'GET /v1/flows': 'flows:read',
  'GET /v1/flows/:key': 'flows:read',
  'GET /v1/flows/:key/versions': 'flows:read',
  'GET /v1/flows/:key/comparison': 'flows:read',
  'POST /v1/flows/:key/test': 'flows:test',
  'PUT /v1/flows/:key': 'flows:write',
  'POST /v1/flows/:key/undo': 'flows:write',
  'POST /v1/flows/:key/:change': 'flows:write',
  'GET /v1/templates': 'templates:read',
  'GET /v1/templates/:key': 'templates:read',
  'GET /v1/templates/:key/versions': 'templates:read',
  'PUT /v1/templates/:key': 'templates:write',
  'POST /v1/templates/:key/undo': 'templates:write',
  'POST /v1/shop/:change': 'shop:kill',
  'POST /v1/installation/:change': 'admin',

  'GET /v1/failure-codes': 'codes:read',
  'GET /v1/failure-codes/unknown': 'codes:read',
  'GET /v1/failure-codes/:rail/:code': 'codes:read',
  'PUT /v1/failure-codes/:rail/:code': 'codes:write',
  'DELETE /v1/failure-codes/:rail/:code': 'codes:write',
  'GET /v1/reviews': 'reviews:read',
  'GET /v1/reviews/:id': 'reviews:read',
  'POST /v1/reviews/:id/:change': 'reviews:decide',
  'GET /v1/rules': 'rules:read',
  'POST /v1/rules/:key/set': 'rules:write',
  'POST /v1/rules/:key/test': 'rules:read',
  'POST /v1/rules/:key/:change': 'rules:write',
  'GET /v1/law': 'law:read',
  'POST /v1/law/check': 'law:read',

  'GET /v1/keys': 'keys:manage',
  'POST /v1/keys': 'keys:manage',
  'POST /v1/keys/:id/revoke': 'keys:manage',
  'GET /v1/audit': 'audit:read',

  'GET /in/:shop/:token': 'callback',
  'POST /in/:shop/:token': 'callback',
  'GET /cb/:shop/:account': 'callback',
  'POST /cb/:shop/:account': 'callback',

  'GET /l/:token': 'link',
  'POST /l/:token': 'link',
  'GET /l/:token/:method': 'link',
  'POST /l/:token/:method': 'link',
  'GET /o/:token': 'link',
  'POST /o/:token/code': 'link',
  'POST /o/:token/keys': 'link',
  'GET /p/:token': 'link',
  'POST /p/:token': 'link',
  'GET /u/:token': 'link',
  'POST /u/:token': 'link',
  'GET /o': 'public',
  'POST /o': 'public',
  'POST /o/keys': 'public',
  'GET /c/:shop': 'public',
  'POST /c/:shop': 'public',
  'POST /c/:shop/code': 'public',
  'POST /c/:shop/keys': 'public',

  'GET /': 'public',
  'GET /login': 'public',
  'POST /login': 'public',
  'POST /logout': 'admin',
  'GET /member': 'public',
  'POST /member': 'public',
  'POST /member/code': 'public',
  'POST /member/logout': 'public',
  'GET /review/:shop/:id': 'member',
  'POST /review/:shop/:id': 'member',
  'GET /outbox': 'admin',
  'GET /outbox/list': 'admin',
  'GET /outbox/mail/:sequence': 'admin',
  'GET /outbox/trouble': 'admin',
  'POST /outbox/trouble': 'admin',

  'GET /errors': 'public',
  'GET /openapi.json': 'public',
  'GET /healthz': 'public',
  'GET /readyz': 'public',
  'GET /metrics': 'metrics:read',
} as const satisfies Record<`${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`, Permission>

export type RouteName = keyof typeof ROUTES
