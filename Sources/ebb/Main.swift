import EbbCommands
import Glibc

@main struct Main { static func main() async { exit(await Entry.run(Array(CommandLine.arguments.dropFirst()))) } }
