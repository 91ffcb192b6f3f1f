import EbbModel
import GRDB
