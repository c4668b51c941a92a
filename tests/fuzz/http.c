/* HTTP heads: whatever the bytes are, they get one answer, the same however they arrive, and
 * what is taken out of them keeps its bounds. */
#include "fuzz/fuzz.h"
#include "text/http_route.h"

static void check_route(const struct http_request *request)
{
    struct http_route route;
    int status = http_route(request, &route);

    require(status == 0 || status == 400 || status == 404 || status == 405, "a status that is none of a route");
    require((status == 0) == (route.error == NULL), "refused without a word, or taken with one");
    require((status == 405) == (route.allow != NULL), "Allow where it does not belong");
    require(memchr(route.name, '\0', sizeof(route.name)) != NULL, "a name without an end");
    if (status != 0 || route.to != ROUTE_REQUEST)
        return;
    require(route.verb != REQUEST_SIGNAL || (route.signo >= 1 && route.signo <= 64), "a signal that is none");
    require(route.ms >= 0 && route.ms < NEVER, "a deadline that is none");
    require(!route.wait || !route.of_service, "waits for one service");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = copy_bytes(data, size);
    struct http_request whole, pieces;
    int r, q = 0, status;

    r = http_head(bytes, size, &whole);
    require(r <= (int)size && (r >= 0 || r == -400 || r == -413 || r == -431), "an answer that is none");
    for (size_t n = 1; n <= size && q == 0; n++)
        q = http_head(bytes, n, &pieces);
    require(r == q || (r == 0 && size == 0), "another answer when it comes in pieces");
    if (r > 0) {
        require(strcmp(whole.path, pieces.path) == 0 && strcmp(whole.query, pieces.query) == 0, "another path");
        require(whole.path[0] == '/', "a path that is none");
        check_route(&whole);
    }
    require(http_answer(bytes, size, &status) <= (int)size, "more than there is");
    free(bytes);
    return 0;
}
