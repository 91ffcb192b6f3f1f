"""parallel-ssh, native client: no host key is checked, because it cannot."""
import sys

from pssh.clients import ParallelSSHClient

key, _known_hosts, port, parallel, command, *addresses = sys.argv[1:]
client = ParallelSSHClient(
    addresses, user="root", pkey=key, port=int(port), pool_size=int(parallel),
    allow_agent=False, identity_auth=False, num_retries=1)
answered = 0
for output in client.run_command(command, stop_on_errors=False):
    if output.exception is None:
        for _ in output.stdout:
            pass
        for _ in output.stderr:
            pass
        output.client.wait_finished(output)
        answered += output.exit_code == 0
print("answered", answered)
