import type { Command } from './command.ts'
import { adminSecret } from './commands/admin-secret.ts'
import { backupCommand } from './commands/backup.ts'
import { demo } from './commands/demo.ts'
import { doctor } from './commands/doctor.ts'
import { eventSend } from './commands/event-send.ts'
import { flowKill, flowUnkill } from './commands/flow-kill.ts'
import { flowList } from './commands/flow-list.ts'
import { keyCreate } from './commands/key-create.ts'
import { keyList } from './commands/key-list.ts'
import { keyRevoke } from './commands/key-revoke.ts'
import { messageResend } from './commands/message-resend.ts'
import { migrateCommand } from './commands/migrate.ts'
import { order } from './commands/order.ts'
import { restoreCommand } from './commands/restore.ts'
import { sealRotate } from './commands/seal-rotate.ts'
import { shopCreate } from './commands/shop-create.ts'
import { shopList } from './commands/shop-list.ts'
import { start } from './commands/start.ts'
import { tail } from './commands/tail.ts'

/** Every command, in the order of the help. One more is one file and one line here. */
export const COMMANDS: readonly Command[] = [
  start,
  demo,
  doctor,
  order,
  tail,
  eventSend,
  messageResend,
  flowList,
  flowKill,
  flowUnkill,
  shopList,
  shopCreate,
  keyList,
  keyCreate,
  keyRevoke,
  adminSecret,
  sealRotate,
  backupCommand,
  restoreCommand,
  migrateCommand,
]
