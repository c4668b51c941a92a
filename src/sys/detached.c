#include "sys/detached.h"

#include <limits.h>
#include <pthread.h>

int detached_start(void *(*work)(void *), void *argument, size_t room)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int error = pthread_attr_init(&attributes);

    if (error != 0)
        return error;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, (size_t)PTHREAD_STACK_MIN + room);
    error = pthread_create(&thread, &attributes, work, argument);
    pthread_attr_destroy(&attributes);
    return error;
}
