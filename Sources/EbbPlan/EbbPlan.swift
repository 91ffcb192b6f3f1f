import EbbModel
