import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.elasticmq.NodeAddress;
import org.elasticmq.StrictSQSLimits$;
import org.elasticmq.actor.QueueManagerActor;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import org.elasticmq.util.NowProvider;
import org.slf4j.LoggerFactory;

/**
 * One address on 127.0.0.1 for ElasticMQ (SQS), Dynoxide (DynamoDB) and what else answers as AWS does.
 *
 * <p>Arguments: the port; where everything goes that is neither, or ""; the program of Dynoxide, or "".
 * {@code POST /turn-clock?seconds=30} makes 30 seconds pass for SQS: no test has to wait for a lease.
 * Started by scripts/aws-servers.
 */
class AwsServers {
    private static final Set<String> NOT_PASSED_ON =
        Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Clock clock = new Clock();
    private final String others;
    private String sqs = "";
    private String dynamodb = "";

    private AwsServers(String others) {
        this.others = others;
        this.dynamodb = others;
    }

    public static void main(String[] given) throws Exception {
        int port = Integer.parseInt(given[0]);
        ((Logger) LoggerFactory.getLogger("org.elasticmq")).setLevel(Level.WARN); // or a line a queue
        AwsServers servers = new AwsServers(given[1]);
        HttpServer front;
        try {
            front = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 0);
        } catch (BindException e) {
            System.err.println("Port " + port + " is taken: stop what listens there, or choose another with --port.");
            System.exit(1);
            return;
        }
        Optional<Process> local = given[2].isEmpty() ? Optional.empty() : Optional.of(servers.startDynamoDb(given[2]));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> local.ifPresent(Process::destroyForcibly)));
        servers.startSqs(port);
        if (local.isPresent()) {
            servers.waitForDynamoDb(local.get());
        }
        front.setExecutor(Executors.newCachedThreadPool());
        front.createContext("/", servers::pass);
        front.start();
        System.out.println("SQS" + (local.isPresent() ? " and DynamoDB" : "") + " answer on http://127.0.0.1:" + port);
        endWithParent();
        new CountDownLatch(1).await();
    }

    private void startSqs(int port) {
        ActorSystem actors = ActorSystem.create("elasticmq");
        ActorRef manager = actors.actorOf(
            Props.create(QueueManagerActor.class, clock, StrictSQSLimits$.MODULE$, scala.Option.empty()));
        SQSRestServer server = SQSRestServerBuilder.withActorSystem(actors)
            .withQueueManagerActor(manager)
            .withInterface("127.0.0.1")
            .withDynamicPort()
            .withServerAddress(new NodeAddress("http", "127.0.0.1", port, ""))
            .start();
        sqs = "http://127.0.0.1:" + server.waitUntilStarted().localAddress().getPort();
    }

    private Process startDynamoDb(String program) throws IOException {
        int port = freePort();
        dynamodb = "http://127.0.0.1:" + port;
        return new ProcessBuilder(program, "serve", "--port", String.valueOf(port))
            .redirectOutput(Redirect.DISCARD).redirectError(Redirect.INHERIT).start();
    }

    /** Below those that connections are given, or one may have it before the server has. */
    private static int freePort() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                return port;
            } catch (BindException e) {
                continue; // somebody else has it
            }
        }
    }

    private void waitForDynamoDb(Process process) throws InterruptedException {
        HttpRequest any = HttpRequest.newBuilder(URI.create(dynamodb)).timeout(PATIENCE).build();
        while (true) {
            try {
                client.send(any, BodyHandlers.discarding());
                return;
            } catch (IOException e) {
                if (!process.isAlive()) {
                    System.err.println("What is to answer for DynamoDB did not start: what it says stands above.");
                    System.exit(1);
                }
                Thread.sleep(50);
            }
        }
    }

    private void pass(HttpExchange asked) throws IOException {
        try (asked) {
            if (asked.getRequestURI().getPath().equals("/turn-clock")) {
                turnClock(asked);
                return;
            }
            String target = Optional.ofNullable(asked.getRequestHeaders().getFirst("X-Amz-Target")).orElse("");
            String where = target.startsWith("AmazonSQS") ? sqs : target.startsWith("DynamoDB") ? dynamodb : others;
            if (where.isEmpty()) {
                answer(asked, 501, ("Nothing here answers " + asked.getRequestURI() + " " + target).getBytes());
                return;
            }
            HttpResponse<byte[]> got = client.send(request(asked, where), BodyHandlers.ofByteArray());
            for (Map.Entry<String, List<String>> header : got.headers().map().entrySet()) {
                if (!NOT_PASSED_ON.contains(header.getKey().toLowerCase())) {
                    asked.getResponseHeaders().put(header.getKey(), header.getValue());
                }
            }
            if (asked.getRequestMethod().equals("HEAD")) { // the length of what is not sent
                got.headers().firstValue("content-length")
                    .ifPresent(length -> asked.getResponseHeaders().set("Content-Length", length));
            }
            answer(asked, got.statusCode(), got.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static HttpRequest request(HttpExchange asked, String where) throws IOException {
        HttpRequest.Builder made = HttpRequest.newBuilder(URI.create(where + asked.getRequestURI()))
            .timeout(PATIENCE)
            .method(asked.getRequestMethod(), BodyPublishers.ofByteArray(asked.getRequestBody().readAllBytes()));
        asked.getRequestHeaders().forEach((name, values) -> {
            if (!NOT_PASSED_ON.contains(name.toLowerCase())) {
                values.forEach(value -> made.header(name, value));
            }
        });
        return made.build();
    }

    private void turnClock(HttpExchange asked) throws IOException {
        double seconds = Double.parseDouble(asked.getRequestURI().getQuery().substring("seconds=".length()));
        clock.turned.addAndGet((long) (seconds * 1000));
        answer(asked, 200, new byte[0]);
    }

    private static void answer(HttpExchange asked, int status, byte[] body) throws IOException {
        boolean bare = body.length == 0 || asked.getRequestMethod().equals("HEAD");
        asked.sendResponseHeaders(status, bare ? -1 : body.length);
        if (!bare) {
            asked.getResponseBody().write(body);
        }
    }

    /** End when whoever started this is gone, however they went. */
    private static void endWithParent() {
        long parent = parent();
        Thread watch = new Thread(() -> {
            while (parent() == parent) {
                try {
                    Thread.sleep(1000);
                } catch (InterruptedException e) {
                    return;
                }
            }
            System.exit(0);
        });
        watch.setDaemon(true);
        watch.start();
    }

    private static long parent() {
        return ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L);
    }

    /** What SQS takes for the time. */
    private static final class Clock extends NowProvider {
        final AtomicLong turned = new AtomicLong();

        @Override
        public long nowMillis() {
            return System.currentTimeMillis() + turned.get();
        }

        @Override
        public OffsetDateTime now() {
            return OffsetDateTime.now().plus(Duration.ofMillis(turned.get()));
        }
    }
}
