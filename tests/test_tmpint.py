import os, signal, time, pytest
@pytest.mark.parametrize("everyone",[True,False])
def test_it(cloud, everyone):
    cloud.server.spoil("hung-show")
    run = cloud.start(workers=2)
    assert cloud.server.reached.wait(30)
    t=time.time()
    (os.killpg if everyone else os.kill)(run.pid, signal.SIGINT)
    cloud.server.released.set()
    last=time.time()
    while run.poll() is None:
        n=len(cloud.server.log)
        if int(time.time()-t)!=int(last-t): print(round(time.time()-t,1), n, len(cloud.server.servers), cloud.ledgers())
        last=time.time()
        time.sleep(.1)
    print("END", time.time()-t, run.communicate()[0][-1500:])
