import { randomBytes } from 'node:crypto'
import { Help, Command as Program } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { compilePresets } from '../app/presets.ts'
import { type Config, readConfig } from '../config.ts'
import { nearest } from '../domain/template/nearest.ts'
import { systemClock } from '../domain/time.ts'
import { runWithValues } from './blank.ts'
import { type Command, type Context, EXIT, type Exit } from './command.ts'
import { failureOf } from './errors.ts'
import { columnsOf, createScreen, printable } from './screen.ts'
import { ERRORS, nearText } from './texts/errors.ts'
import { FRAME } from './texts/frame.ts'
import { say, terminalLanguage } from './texts/text.ts'

const language = terminalLanguage(process.env)
const plainHelp = new Help()

// The reader of our output has gone (`dingdong … | head`): nothing more to say, and no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed),
)

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<Exit> {
  let exit: Exit = EXIT.ok
  const program = buildProgram(await commandsFor(args), async (command, given, options) => {
    exit = await runCommand(command, given, options)
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    exit = misused(error, args, await allCommands())
  }
  return exit
}

/** What runs for months loads its own command alone: the others come with megabytes of words. */
async function commandsFor(args: readonly string[]): Promise<readonly Command[]> {
  return args[0] === 'start' ? [(await import('./commands/start.ts')).start] : allCommands()
}

async function allCommands(): Promise<readonly Command[]> {
  return (await import('./registry.ts')).COMMANDS
}

type Options = Readonly<Record<string, string | boolean | undefined>>
type Run = (command: Command, args: readonly string[], options: Options) => Promise<void>

function buildProgram(commands: readonly Command[], run: Run): Program {
  const program = new Program('dingdong')
    .description(say(FRAME.about, language))
    .version(packageJson.version, '-V, --version', say(FRAME.version, language))
    // Else `--version` of a command, as in flow show KEY --version 2, would be taken for ours.
    .enablePositionalOptions()
  frame(program)
  const groups = new Map<string, Program>()
  for (const command of commands) {
    const [first, second] = command.name.split(' ')
    let parent = program
    if (second) {
      parent =
        groups.get(first!) ??
        frame(program.command(first!).description(say(FRAME.groups[first as 'key'], language)))
      groups.set(first!, parent)
    }
    addCommand(parent, second ?? first!, command, run)
  }
  program.addHelpText('after', `\n${say(FRAME.exits, language)}`)
  return program
}

function addCommand(parent: Program, name: string, command: Command, run: Run): void {
  const added = frame(parent.command(name).description(say(command.summary, language)))
  for (const arg of command.args ?? []) added.argument(arg.name, say(arg.text, language))
  for (const option of command.options ?? []) added.option(option.flags, say(option.text, language))
  added
    .option('--json', say(FRAME.json, language))
    .option('--config <file>', say(FRAME.config, language))
    .option('--data-dir <folder>', say(FRAME.dataDir, language))
    .addHelpText(
      'after',
      `\n${say(FRAME.examples, language)}\n${command.examples.map((each) => `  ${each}`).join('\n')}`,
    )
    .action(async (...given: unknown[]) => {
      const options = added.opts<Record<string, string | boolean | undefined>>()
      const args = given
        .slice(0, command.args?.length ?? 0)
        .flat()
        .filter((each) => typeof each === 'string')
      await run(command, args, options)
    })
}

/** What every command has in common: our words, our exit codes. */
function frame(program: Program): Program {
  return program
    .exitOverride()
    .helpOption('-h, --help', say(FRAME.help, language))
    .helpCommand(false)
    .configureHelp({
      styleTitle: (title) => FRAME.titles[title as 'Usage:']?.[language] ?? title,
      displayWidth: columnsOf,
      commandUsage: (command) => inWords(plainHelp.commandUsage(command)),
      subcommandTerm: (command) => inWords(plainHelp.subcommandTerm(command)),
      // A full-width colon needs no blank after it.
      formatHelp: (command, helper) =>
        Help.prototype.formatHelp.call(helper, command, helper).replaceAll('： ', '：'),
    })
    .configureOutput({ outputError: () => {} })
}

/** Commander's own words in the lines that it makes. */
function inWords(line: string): string {
  const { options, command } = FRAME.placeholders
  return line.replaceAll('[options]', say(options, language)).replaceAll('[command]', say(command, language))
}

async function runCommand(command: Command, args: readonly string[], options: Options): Promise<Exit> {
  const screen = createScreen({ out: process.stdout, err: process.stderr }, options.json === true)
  const clock = systemClock()
  const context: Context = {
    screen,
    language,
    clock,
    random: (bytes) => randomBytes(bytes),
    env: process.env,
    presets: () => compilePresets(clock, language),
    config(flags): Config {
      return readConfig({
        env: process.env,
        cwd: process.cwd(),
        ...(typeof options.config === 'string' ? { file: options.config } : {}),
        flags: { ...(typeof options.dataDir === 'string' ? { dataDir: options.dataDir } : {}), ...flags },
      })
    },
  }
  try {
    return await runWithValues(command, context, args, options)
  } catch (error) {
    const { exit, code, text } = failureOf(error, language)
    if (screen.json) process.stdout.write(`${JSON.stringify({ error: { code, message: text } })}\n`)
    else screen.note(`${screen.paint('red', '✗')} ${text}`)
    if (code === 'UNEXPECTED' && process.env.DINGDONG_TEST_LOG) console.error(error)
    return exit
  }
}

/** Turns commander's complaints into ours: asking for help is no mistake, anything else is exit 2. */
function misused(error: unknown, args: readonly string[], commands: readonly Command[]): Exit {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  if (/^commander\.(help|helpDisplayed|version)$/.test(code))
    return code === 'commander.help' ? EXIT.usage : EXIT.ok
  const what = /'([^']*)'/.exec(message)?.[1] ?? ''
  const command = args
    .filter((arg) => !arg.startsWith('-'))
    .slice(0, 2)
    .join(' ')
  const text = complaint(code, what, command, message, commands)
  if (args.includes('--json'))
    process.stdout.write(`${JSON.stringify({ error: { code: 'USAGE', message: text } })}\n`)
  else console.error(printable(text))
  return EXIT.usage
}

function complaint(
  code: string,
  what: string,
  command: string,
  message: string,
  commands: readonly Command[],
): string {
  const near = (candidates: readonly string[]) => nearText(nearest(what, candidates), language)
  const names = commands.map((each) => each.name)
  const known = names.find(
    (name) => command === name || command.startsWith(`${name} `) || name === command.split(' ')[0],
  )
  switch (code) {
    case 'commander.unknownCommand': {
      // What follows the misspelt word may be its argument, and no part of the name.
      const meant = nearest(command, names) ?? nearest(what, names)
      return say(ERRORS.unknownCommand, language, { what: what || command, near: nearText(meant, language) })
    }
    case 'commander.excessArguments':
      return surplus(
        commands.find((each) => each.name === known),
        command,
        message,
      )
    case 'commander.unknownOption': {
      const flags = commands.find((each) => each.name === known)?.options ?? []
      const all = [
        ...flags.map((option) => option.flags.split(' ')[0]!),
        '--json',
        '--config',
        '--data-dir',
        '--help',
      ]
      return say(ERRORS.unknownOption, language, { what, near: near(all), command: known ?? '' })
    }
    case 'commander.missingArgument':
    case 'commander.optionMissingArgument':
      return say(ERRORS.missingArgument, language, { what, command: known ?? '' })
    default:
      return message.replace(/^error: /, '')
  }
}

function surplus(known: Command | undefined, given: string, message: string): string {
  if (known === undefined) return say(ERRORS.unknownCommand, language, { what: given, near: '' })
  const { name, args = [] } = known
  const got = /got (\d+)/.exec(message)?.[1] ?? ''
  const names = args.map((each) => each.name).join(' ')
  return args.length === 0
    ? say(ERRORS.surplusAny, language, { command: name, got })
    : say(ERRORS.surplus, language, { command: name, most: args.length, names, got })
}
