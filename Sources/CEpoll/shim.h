// Linux's epoll, which Swift's Glibc module leaves out. LiveShopClient alone imports it, to drive
// thousands of connections from one thread.
#include <sys/epoll.h>
