import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CountDownLatch;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One OpenSearch node with k-NN on 127.0.0.1, until the process is told to stop. Started by scripts/opensearch. */
class OpenSearchNode {
    public static void main(String[] given) throws Exception {
        int port = Integer.parseInt(given[0]);
        String data = given[1];
        if (taken(port)) {
            System.err.println("Port " + port + " is taken: stop what listens there, or choose another with --port.");
            System.exit(1);
        }
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.setMaxHttpPort(-1); // this port or none: the runner would move on to the next free one
        runner.onBuild((number, settings) -> settings
            .put("network.host", "127.0.0.1")
            .put("http.port", port)
            .put("transport.port", 0) // any: nobody else is to find it
            .put("discovery.type", "single-node")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)); // a full laptop is no reason to refuse
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            close(runner);
            stopped.countDown();
        }));
        try {
            runner.build(OpenSearchRunner.newConfigs()
                .basePath(data)
                .numOfNode(1)
                .baseHttpPort(port - 1)
                .clusterName("threatbot-" + port)
                .pluginTypes("org.opensearch.knn.plugin.KNNPlugin"));
        } catch (RuntimeException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                System.err.println(cause);
            }
            System.exit(1);
        }
        System.out.println("OpenSearch answers on http://127.0.0.1:" + port + ", its data is in " + data);
        stopped.await();
    }

    private static boolean taken(int port) {
        try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
            return free.getLocalPort() != port;
        } catch (IOException e) {
            return true;
        }
    }

    private static void close(OpenSearchRunner runner) {
        try {
            runner.close();
        } catch (IOException e) {
            System.err.println("The node did not close in order: " + e);
        }
    }
}
