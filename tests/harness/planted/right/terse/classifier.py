from likelihood import log_likelihood as ll
classification=lambda model,text: ll(model,text)<-310
