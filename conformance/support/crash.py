"""The server is killed while it is called."""

import threading
import time


def killed(server, chance, within, callers):
    """Runs the callers, kills the server at a random moment of these seconds and starts it again."""
    threads = [threading.Thread(target=caller.run) for caller in callers]
    for thread in threads:
        thread.start()
    time.sleep(chance.uniform(*within))
    server.kill()
    for thread in threads:
        thread.join()
    assert not [caller.failure for caller in callers if caller.failure]
    server.start()
