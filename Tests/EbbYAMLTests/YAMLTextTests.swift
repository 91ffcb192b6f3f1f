import EbbModel
import EbbYAML
import Testing
