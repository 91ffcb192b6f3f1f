import CLibSSH2
import Crypto
import EbbModel
import EbbTransport
import NIOCore
import NIOPosix
import Subprocess
