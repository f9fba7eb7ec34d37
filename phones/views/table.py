from django.http import HttpRequest, HttpResponse
def phones(request: HttpRequest) -> HttpResponse: return HttpResponse("")
def export(request: HttpRequest) -> HttpResponse: return HttpResponse("")
