"""Writing, editing and deleting a note. What is refused comes back with the text, so that nothing typed is lost."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from phones.book import notes
from phones.models import Note
from phones.views.addressed_row import workable_or_404
from phones.views.book.subject import Subject, client_subject, number_subject
from phones.views.request import DeskRequest


@require_POST
def write_about_client(request: DeskRequest, pk: int) -> HttpResponse:
    return _write(request, client_subject(request.user, pk))


@require_POST
def write_about_number(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    return _write(request, number_subject(request.user, phone_number_id))


@require_POST
def edit(request: DeskRequest, pk: int) -> HttpResponse:
    note = _workable(request, pk)
    if why := notes.why_not_edited(note, request.user):
        messages.error(request, why)
        return HttpResponseRedirect(f"{page_of(note)}#journal")
    try:
        notes.edit_note(note=note, text=request.POST.get("text", ""), actor=request.user)
    except notes.NoteRefusedError as error:
        return _refused(request, "Edit the note", page_of(note), str(error))
    messages.success(request, "The note is saved.")
    return HttpResponseRedirect(f"{page_of(note)}#journal")


@require_POST
def delete(request: DeskRequest, pk: int) -> HttpResponse:
    note = _workable(request, pk)
    try:
        notes.delete_note(note=note, actor=request.user)
    except notes.NoteRefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The note is deleted. That there was one stays in the journal.")
    return HttpResponseRedirect(f"{page_of(note)}#journal")


def page_of(note: Note) -> str:
    if note.number is not None:
        return reverse("phones:number", args=[note.number.phone_number_id])
    return reverse("phones:client", args=[note.client_id])


def _workable(request: DeskRequest, pk: int) -> Note:
    return workable_or_404(Note.objects.select_related("number"), request.user, pk=pk)


def _write(request: DeskRequest, subject: Subject) -> HttpResponse:
    text = request.POST.get("text", "")
    try:
        notes.write_note(client=subject.client, number=subject.number, text=text, author=request.user)
    except notes.NoteRefusedError as error:
        return _refused(request, f"Note on {subject}", subject.page, str(error))
    return HttpResponseRedirect(f"{subject.page}#journal")


def _refused(request: DeskRequest, title: str, back: str, why: str) -> HttpResponse:
    text = request.POST.get("text", "")[: 2 * notes.LONGEST_NOTE]
    context = {"title": title, "back": back, "why": why, "text": text, "longest": notes.LONGEST_NOTE}
    return render(request, "book/note.html", context, status=422)
