import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.atomic.AtomicInteger;

/** Client URL ROUNDS PARALLEL PAUSE_MS; the advised line is among the options of the machine. */
public class Client {
    public static void main(String[] arguments) throws Exception {
        var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        var request = HttpRequest.newBuilder(URI.create(arguments[0])).POST(BodyPublishers.noBody()).build();
        int rounds = Integer.parseInt(arguments[1]), parallel = Integer.parseInt(arguments[2]);
        var lost = new AtomicInteger();
        var all = new Thread[parallel];
        for (int i = 0; i < parallel; i++) {
            all[i] = new Thread(() -> {
                for (int round = 0; round < rounds; round++) {
                    try {
                        if (round > 0) Thread.sleep(Integer.parseInt(arguments[3]));
                        client.send(request, BodyHandlers.discarding());
                    } catch (Exception error) {
                        lost.incrementAndGet();
                    }
                }
            });
            all[i].start();
        }
        for (var one : all) one.join();
        System.out.println("{\"lost\": " + lost.get() + ", \"connections\": null}");
        System.exit(0);
    }
}
